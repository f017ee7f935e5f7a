import { UpvestConnectionError } from "../errors.js";
import { isRepeatable } from "./outcome.js";
import { contextOf, type Handler, type PipelineRequest } from "./request.js";

/** Codes of Node, undici and Bun that mean: no connection was made, or none was asked for, so nothing was sent. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ConnectionRefused",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/** Deno gives no code. It tells in which step hyper failed: this one is before anything is sent. */
const denoNeverConnected = /: client error \(Connect\): /;

/** A step of a connection that was made: Linux tells here, too, that a host cannot be reached any more. */
const connected = /^(?:read|write)/;

/** What really happened, as far as the runtime tells. */
interface Root {
  readonly message: string;
  readonly code: string | undefined;
  /** `connect`, `getaddrinfo`, `read`, `write`, `writev`; empty where it is not told. */
  readonly syscall: string;
}

/** `fetch` wraps what really happened, undici twice and with several addresses as an AggregateError. */
function rootOf(error: unknown): Root {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  if (current instanceof AggregateError && current.errors[0] instanceof Error) current = current.errors[0];
  // undici's parser keeps there what it could not read: that may be an answer with an access token in it.
  if (current instanceof Error) Reflect.deleteProperty(current, "data");
  if (!(current instanceof Error)) return { message: String(current), code: undefined, syscall: "" };
  const { message, code, syscall } = current as Error & Readonly<Record<"code" | "syscall", unknown>>;
  return {
    message,
    code: typeof code === "string" ? code : undefined,
    syscall: typeof syscall === "string" ? syscall : "",
  };
}

/**
 * What a failed exchange becomes: the reason that the signal aborted with, where it did; else a connection error.
 */
export function exchangeFailure(request: PipelineRequest, error: unknown): unknown {
  if (request.signal?.aborted === true) return request.signal.reason;
  const { message, code, syscall } = rootOf(error);
  return new UpvestConnectionError(contextOf(request), {
    reason: code === undefined || message.includes(code) ? message : `${message} (${code})`,
    code,
    mayHaveArrived:
      code === undefined
        ? !denoNeverConnected.test(message)
        : !neverSent.has(code) || connected.test(syscall),
    cause: error,
  });
}

/**
 * The innermost handler: hands exactly what was signed to `fetch`, and follows no redirect.
 *
 * @param once in place of `fetch` for what must not be sent again
 */
export const transport =
  (fetch: typeof globalThis.fetch, once = fetch): Handler =>
  async (request) => {
    const { trace, origin, path, query, operation, headers, body, signal } = request;
    // Its time may have run out while it was signed: then it is not sent, and nothing is in doubt.
    signal?.throwIfAborted();
    trace.attempts += 1;
    trace.pending = true;
    try {
      const response = await (isRepeatable(request) ? fetch : once)(`${origin}${path}${query}`, {
        method: operation.method,
        headers,
        // A followed redirect would carry the access token to another place, under a signature of the old path.
        redirect: "manual",
        ...(body && { body }),
        ...(signal && { signal }),
      });
      trace.pending = false;
      return response;
    } catch (error) {
      throw exchangeFailure(request, error);
    }
  };
