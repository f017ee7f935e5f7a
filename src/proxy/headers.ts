import type { IncomingMessage } from "node:http";
import type { Operation } from "../pipeline/request.js";
import { refusal, type ProxyProblem } from "./problem.js";

const KEY = "idempotency-key";

/** What a caller may say; everything else is for the hop to the proxy, or the client's own to set. */
const PASSED = [
  "accept",
  "accept-language",
  "baggage",
  "content-type",
  KEY,
  "traceparent",
  "tracestate",
] as const;

/** Left out as a matter of course: nobody needs to hear of them. */
const USUAL =
  /^(?:host|connection|keep-alive|content-length|transfer-encoding|accept-encoding|user-agent|cache-control|pragma|expect|te|postman-token|sec-.*)$/;

export interface Headers {
  /** Handed to the client, which signs them. */
  readonly passed: Readonly<Record<string, string>>;
  /** Names of what the caller sent and the API does not get. */
  readonly dropped: readonly string[];
}

/**
 * What of a caller's headers goes on. `authorization` and signatures are dropped, as the client makes its own: a collection
 * made for another tool still works. A client id that is not this proxy's is refused: whoever sends it believes to act for
 * another client.
 */
export function readHeaders(
  { headers }: Pick<IncomingMessage, "headers">,
  operation: Operation,
  clientId: string,
): Headers | ProxyProblem {
  const given = headers["upvest-client-id"];
  if (given !== undefined && given !== clientId) {
    return refusal(
      400,
      "another_client",
      "Another client id",
      `upvest-client-id is ${JSON.stringify(given)}, but this proxy acts for ${clientId}. Leave the header out, or start a proxy for that client.`,
    );
  }
  const version = headers["upvest-api-version"];
  if (version !== undefined && version !== "1") {
    return refusal(
      400,
      "another_version",
      "Another API version",
      `upvest-api-version is ${JSON.stringify(version)}, but this proxy speaks version 1. Leave the header out.`,
    );
  }
  const passed: Record<string, string> = {};
  for (const name of PASSED) {
    const value = headers[name];
    // An empty key is passed on, to be refused: whoever sends one counts on it, and would get another each time.
    if (typeof value === "string" && (value !== "" || (name === KEY && operation.idempotencyKey)))
      passed[name] = value;
  }
  passed["accept"] = acceptOf(passed["accept"] ?? "*/*", operation);
  const names: readonly string[] = PASSED;
  const own = new Set(["upvest-client-id", "upvest-api-version", ...names]);
  const dropped = Object.keys(headers).filter((name) => !own.has(name) && !USUAL.test(name));
  const misspelt = dropped.find((name) => /idempotency/.test(name));
  if (misspelt !== undefined) {
    return refusal(
      400,
      "bad_request",
      "The request cannot be sent",
      `The header ${misspelt} is written ${KEY}; as it is, it would protect nothing.`,
    );
  }
  return { passed, dropped };
}

/** The API takes one media type, no list (Upvest docs, "Not acceptable"); tools send lists, or any. */
function acceptOf(accept: string, { responseBody }: Operation): string {
  const wanted = accept.split(",").map((type) => type.split(";")[0]?.trim().toLowerCase() ?? "");
  const usual = responseBody.includes("application/json") ? "application/json" : responseBody[0];
  const fitting = wanted.find((type) => responseBody.includes(type));
  if (fitting !== undefined) return fitting;
  return wanted.includes("*/*") ? (usual ?? "application/json") : accept;
}

/** Of this hop, or of the encoding that was undone; and what would let web pages read, or browsers keep, an answer. */
const HELD_BACK =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-encoding|content-length|set-cookie|alt-svc|strict-transport-security|access-control-.*|nel|report-to|via|upvest-sandbox-inspector)$/;

/** What of the API's headers the caller gets. */
export function answerHeaders(answer: Headers_): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of answer) if (!HELD_BACK.test(name)) headers[name] = value;
  // Packed on the wire it has another length than it has now.
  const length = answer.get("content-length");
  if (length !== null && !answer.has("content-encoding")) headers["content-length"] = length;
  return headers;
}

type Headers_ = globalThis.Headers;
