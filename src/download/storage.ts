import { timeLimit, waitFor } from "../pipeline/time-limit.js";
import { codeOf, UpvestDownloadError } from "./errors.js";
import type { Order } from "./options.js";

/** Storage services redirect once, if at all. */
const MOST_REDIRECTS = 3;

/** What may be asked of the storage: which bytes of which version. */
export interface Wanted {
  /** The first byte that is wanted. */
  readonly from: number;
  /** The version that the bytes before it are of, where the storage told. */
  readonly etag: string | undefined;
}

/** What an answer of the storage holds. */
export interface Piece {
  /** The byte that the body begins with. */
  readonly from: number;
  /** The version; that which was wanted, where the answer says that it goes on with it. */
  readonly etag: string | undefined;
  /** Bytes of the whole file, where the storage tells. */
  readonly whole: number | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Asks the storage. Its address is a secret, and another house than the API's: what is sent is here to be seen, nothing
 * of the client's, no token, no signature, no id.
 *
 * @returns the piece; `end` lets go of the connection
 * @throws UpvestDownloadError; the signal's reason where it aborts
 */
export async function fromStorage(
  order: Order,
  start: URL,
  { from, etag }: Wanted,
): Promise<Piece & { readonly end: () => void }> {
  const { name, timeout, signal } = order;
  const limit = timeLimit(signal, undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = (host: string): Error =>
    new UpvestDownloadError("connection", `${name}: the storage at ${host} was silent for ${timeout} ms`);

  /** Runs one step under the time that the storage has for it. */
  const step = async <T>(host: string, task: () => Promise<T>): Promise<T> => {
    timer = setTimeout(() => limit.abort(silence(host)), timeout);
    try {
      return await task();
    } catch (error) {
      if (limit.signal.aborted) throw limit.signal.reason;
      const code = codeOf(error);
      const why = code === undefined ? "" : ` (${code})`;
      throw new UpvestDownloadError(
        "connection",
        `${name}: the storage at ${host} gave no complete answer${why}`,
        { code },
      );
    } finally {
      clearTimeout(timer);
    }
  };

  const headers = {
    accept: "*/*",
    // Packed on the way, the bytes would be others than those that were counted.
    "accept-encoding": "identity",
    ...(from > 0 && { range: `bytes=${from}-` }),
    ...(from > 0 && etag !== undefined && { "if-range": etag }),
  };
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const end = (): void => {
    reader?.cancel().catch(() => undefined);
    limit.end();
  };
  try {
    let url = checked(start, start, name);
    for (let redirects = 0; ; redirects += 1) {
      const { host } = url;
      const asked = url;
      const response = await step(host, () =>
        order.fetch(asked.href, { headers, redirect: "manual", signal: limit.signal }),
      );
      const location = response.headers.get("location");
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        if (redirects === MOST_REDIRECTS) {
          throw new UpvestDownloadError("address", `${name}: the storage redirects in circles`);
        }
        url = checked(URL.canParse(location, url) ? new URL(location, url) : undefined, start, name);
        continue;
      }
      const begins = beginOf(response, from);
      if (begins === undefined) {
        await response.body?.cancel();
        const { status } = response;
        // RFC 9110 section 15.5.17: there is nothing from there on, so no later try can find it.
        const short = status === 416 && from > 0;
        throw new UpvestDownloadError(
          short ? "size" : "storage",
          `${name}: the storage at ${host} answered ${status}${short ? ` when it was asked for what follows after ${from} bytes` : ""}`,
          { status },
        );
      }
      reader = response.body?.getReader();
      return {
        from: begins,
        etag: strong(response.headers.get("etag")) ?? (response.status === 206 ? etag : undefined),
        whole: wholeOf(response),
        // Waited for beside the signal: Node's fetch does not end a read that it interrupts behind the last byte.
        body: read(reader, (task) => step(host, () => waitFor(task(), limit.signal))),
        end,
      };
    }
  } catch (error) {
    end();
    throw error;
  }
}

async function* read(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  step: <T>(task: () => Promise<T>) => Promise<T>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const { done, value } = (await step(async () => reader?.read())) ?? { done: true };
    if (done) return;
    yield value;
  }
}

/** RFC 9110 section 13.1.5: a weak one tells nothing of bytes. */
const strong = (etag: string | null): string | undefined =>
  etag?.startsWith('"') === true ? etag : undefined;

/** The byte that the answer begins with; undefined where it holds nothing of use. */
function beginOf({ status, headers }: Response, wanted: number): number | undefined {
  if (status === 200) return 0;
  const [, first] = /^bytes (\d+)-\d+\//.exec(headers.get("content-range") ?? "") ?? [];
  return status === 206 && first !== undefined && Number(first) <= wanted ? Number(first) : undefined;
}

/** What the answer says of the length of the whole; packed on the way, its own length is another. */
function wholeOf({ status, headers }: Response): number | undefined {
  const told =
    status === 206
      ? headers.get("content-range")?.split("/")[1]
      : headers.has("content-encoding")
        ? undefined
        : headers.get("content-length");
  return /^\d+$/.test(told ?? "") ? Number(told) : undefined;
}

const isLoopback = ({ hostname }: URL): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);

/**
 * Https, or http on loopback where the link itself is such (the local sandbox): a storage must not lead a bank's server
 * to a service in its own network, or out of TLS.
 */
function checked(url: URL | undefined, start: URL, name: string): URL {
  const local = start.protocol === "http:" && isLoopback(start);
  const good = url?.protocol === "https:" || (local && url?.protocol === "http:" && isLoopback(url));
  if (url !== undefined && good && url.username === "" && url.password === "") return url;
  const where = url === undefined ? "nowhere" : `to ${url.protocol}//${url.host}`;
  throw new UpvestDownloadError(
    "address",
    `${name}: the link leads ${where} and is not followed: only https is, without a user name`,
  );
}
