import { defaultRetry } from "../../src/pipeline/retry.js";
import type { Operation, PipelineRequest } from "../../src/pipeline/request.js";

/** An operation as generated/operations.ts has it, with what a test wants different. */
export const anOperation = (different: Partial<Operation> = {}): Operation => ({
  id: "place_order",
  method: "POST",
  path: "/orders",
  scopes: ["orders:admin"],
  idempotencyKey: true,
  paged: false,
  requestBody: "application/json",
  responseBody: ["application/json"],
  ...different,
});

export const reading: Partial<Operation> = { id: "retrieve_order", method: "GET", idempotencyKey: false };

/** A request as prepare() makes it. */
export function aRequest(
  origin: string,
  operation: Operation = anOperation(),
  different: Partial<PipelineRequest> = {},
): PipelineRequest {
  const body =
    operation.method === "GET" || operation.method === "DELETE" ? undefined : new TextEncoder().encode("{}");
  return {
    operation,
    params: {},
    origin,
    path: operation.path,
    query: "",
    headers: { accept: "application/json", ...(body && { "content-type": "application/json" }) },
    body,
    signal: undefined,
    timeout: 10_000,
    deadline: undefined,
    retry: defaultRetry,
    maxResponseSize: 1_000_000,
    stream: false,
    trace: { attempts: 0, pending: false },
    ...different,
  };
}
