import type { PipelineRequest } from "./request.js";
import { exchangeFailure } from "./transport.js";

/**
 * Reads the whole body while the attempt's time still runs, so that an answer cut short counts as a failed attempt and
 * not as a surprise to the caller.
 */
export async function collect(request: PipelineRequest, response: Response): Promise<Response> {
  if (response.body === null) return response;
  const { status, statusText, headers } = response;
  request.trace.pending = true;
  try {
    const bytes = await response.arrayBuffer();
    request.trace.pending = false;
    // A constructed Response refuses a body for these, even an empty one (Fetch, "null body status").
    const bodiless = status === 204 || status === 205 || status === 304;
    return new Response(bodiless ? null : bytes, { status, statusText, headers });
  } catch (error) {
    throw exchangeFailure(request, error);
  }
}

/** Hands the body on as it comes; `end` is called when it is over: read, cancelled or failed. */
export function passOn(response: Response, end: () => void): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) {
    end();
    return response;
  }
  const reader = body.getReader();
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        end();
        controller.close();
      } catch (error) {
        end();
        controller.error(error);
      }
    },
    cancel(reason) {
      end();
      return reader.cancel(reason);
    },
  });
  return new Response(watched, { status, statusText, headers });
}
