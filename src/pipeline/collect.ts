import { joined } from "../joined.js";
import type { CallTrace, PipelineRequest } from "./request.js";
import type { TimeLimit } from "./time-limit.js";
import { exchangeFailure } from "./transport.js";
import { wholeBodyOf } from "./whole-body.js";

/**
 * Reads the whole body into the trace while the attempt's time still runs, so that an answer cut short counts as a failed
 * attempt and not as a surprise to the caller. One that is too large is given up and noted: it is then told by its status
 * alone.
 */
export async function collect(
  request: PipelineRequest,
  response: Response,
  { beside }: TimeLimit,
): Promise<Response> {
  const { trace, maxResponseSize } = request;
  trace.pending = true;
  try {
    // Beside the limit: Node's fetch does not end a read that it interrupts behind the last byte.
    const body = await beside(read(response, maxResponseSize));
    requireStatus(response);
    trace.tooLarge = body === undefined;
    trace.body = body ?? new Uint8Array();
    // Only now: whatever fails above leaves an answer that cannot be used, to a request that did arrive.
    trace.pending = false;
    return response;
  } catch (error) {
    throw exchangeFailure(request, error);
  }
}

const decoder = /* @__PURE__ */ new TextDecoder();

/** The body of the last answer as text; empty where there is none. */
export const textOf = ({ body }: CallTrace): string => (body === undefined ? "" : decoder.decode(body));

/** @returns undefined where there is more of it than `most` bytes */
async function read(response: Response, most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const whole = wholeBodyOf(response);
  if (whole !== undefined) return whole.byteLength > most ? undefined : whole;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) break;
    size += value.byteLength;
    if (size > most) {
      await reader?.cancel().catch(() => undefined);
      return undefined;
    }
    chunks.push(value);
  }
  return joined(chunks, size);
}

/** A reason phrase that a constructed Response takes; servers are seen to send other text (RFC 9112 section 4). */
export const reasonOf = (text: string): string =>
  /^[\t\u0020-\u007E\u0080-\u00FF]*$/.test(text) ? text : "";

/** @throws TypeError for a status that HTTP does not have (RFC 9110 section 15: 100 to 599) */
function requireStatus({ status }: Response): void {
  if (status < 200 || status > 599)
    throw new TypeError(`an answer of status ${status}, which HTTP does not have`);
}

/** The same answer with a body of ours. */
export function remade(response: Response, body: BodyInit | null): Response {
  requireStatus(response);
  const { status, statusText, headers } = response;
  // A constructed Response refuses a body for these, even an empty one (Fetch, "null body status").
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : body, {
    status,
    statusText: reasonOf(statusText),
    headers,
  });
}

/** Lets go of a body that nobody will read. One that has failed already refuses that; it is gone all the same. */
export async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

/**
 * Hands the body on as it comes.
 *
 * @param end called when it is over: read, cancelled or failed
 * @param failure what its reader is told when it fails
 * @param beside waits for a read under what ends it, also where the body does not
 */
export function passOn(
  response: Response,
  end: () => void,
  failure: (error: unknown) => unknown = (error) => error,
  beside: TimeLimit["beside"] = (promise) => promise,
): Response {
  const { body } = response;
  if (body === null) {
    end();
    return response;
  }
  const reader = body.getReader();
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await beside(reader.read());
        if (!done) {
          controller.enqueue(value);
          return;
        }
        end();
        controller.close();
      } catch (error) {
        end();
        controller.error(failure(error));
      }
    },
    cancel(reason) {
      end();
      return reader.cancel(reason);
    },
  });
  return remade(response, watched);
}
