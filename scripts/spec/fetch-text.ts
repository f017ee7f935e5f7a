import { redirectTarget } from "./address.js";

const MOST_REDIRECTS = 5;
/** The published file of 1.9.0 has 1.1 MB. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The text at an address; redirects are followed as long as they stay on https.
 *
 * @param timeout milliseconds for all of it, the body included
 * Throws an `Error` that gives the reason alone: the caller knows the address.
 */
export async function fetchText(address: URL, timeout: number): Promise<string> {
  const signal = AbortSignal.timeout(timeout);
  let url = address;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    try {
      const response = await fetch(url, { redirect: "manual", signal, headers: { accept: "*/*" } });
      if (response.status < 300 || response.status >= 400) return await textOf(response);
      await response.body?.cancel();
      url = redirectTarget(url, response.headers.get("location"));
    } catch (error) {
      throw new Error(reasonOf(error, timeout), { cause: error });
    }
  }
  throw new Error(`redirected more than ${MOST_REDIRECTS} times`);
}

async function textOf(response: Response): Promise<string> {
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status} ${response.statusText}`.trimEnd());
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    size += part.value.byteLength;
    if (size > MOST_BYTES) {
      await reader?.cancel();
      throw new Error(`sends more than ${MOST_BYTES} bytes`);
    }
    parts.push(part.value);
  }
  if (size === 0) throw new Error("answered with nothing");
  return decode(Buffer.concat(parts));
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("sends what is not UTF-8 text");
  }
}

/** `fetch` says "fetch failed"; why is in the cause, or in the causes of several tries. */
function reasonOf(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no whole answer within ${timeout / 1000} s`;
  const inner = error.cause instanceof AggregateError ? error.cause.errors[0] : error.cause;
  if (!(inner instanceof Error)) return error.message;
  const code = "code" in inner && typeof inner.code === "string" ? inner.code : undefined;
  return code === undefined || inner.message.includes(code) ? inner.message : `${inner.message} (${code})`;
}
