import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { isIP } from "node:net";
import { urlToHttpOptions } from "node:url";
import type { Sealed } from "./delivery-signature.js";

/** What an endpoint answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As text, cut after 64 KiB. */
  readonly body: string;
}

/** An answer, or why there is none. */
export type Posted = { readonly answered: Answered } | { readonly answered?: never; readonly failed: string };

/**
 * Why deliveries cannot go to a URL; undefined when they can. Upvest takes https with a DNS name (Upvest docs,
 * Webhook registration). The sandbox also takes http and https on loopback, where receivers are tried out.
 */
export function endpointFault(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return "is not a URL";
  if (url.protocol !== "https:" && url.protocol !== "http:") return "must be an https URL";
  if (url.username !== "" || url.password !== "") return "must not hold a user name or a password";
  if (isLoopback(url)) return undefined;
  if (url.protocol === "http:") return "must be an https URL; http is for loopback addresses only";
  return isIP(hostOf(url)) === 0 ? undefined : "must have a DNS name in it, not an IP address";
}

export function isLoopback(url: URL): boolean {
  const host = hostOf(url);
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127\.[\d.]+$/.test(host);
}

/** The host without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, "");
}

const MAX_ANSWER = 64 * 1024;

/** Sends a delivery on a connection of its own. Follows no redirect (Upvest docs, Webhook registration). Never rejects. */
export function post(
  url: URL,
  { headers, body }: Sealed,
  limits: { /** ms, until the end of the answer. */ readonly timeout: number; readonly signal: AbortSignal },
): Promise<Posted> {
  const { timeout, signal } = limits;
  if (signal.aborted) return Promise.resolve({ failed: "stopped before it was sent" });
  return new Promise((resolve) => {
    const send = url.protocol === "https:" ? overHttps : overHttp;
    const request = send({ ...urlToHttpOptions(url), method: "POST", headers, agent: false });
    const end = (posted: Posted): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(posted);
    };
    let why: string | undefined;
    const fail = (reason: string): void => end({ failed: why ?? reason });
    const giveUp = (reason: string): void => {
      why = reason;
      request.destroy();
    };
    const stop = (): void => giveUp("stopped while waiting for the answer");
    const timer = setTimeout(() => giveUp(`no answer within ${timeout} ms`), timeout);
    signal.addEventListener("abort", stop, { once: true });

    let answering = false;
    request.on("error", ({ message, name }) => fail(message === "" ? name : message));
    request.on("close", () => {
      if (!answering) fail("the connection was closed without an answer");
    });
    request.on("response", (response) => {
      answering = true;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        if (size < MAX_ANSWER) chunks.push(chunk);
        size += chunk.length;
      });
      response.on("error", ({ message }) => fail(message));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8", 0, Math.min(size, MAX_ANSWER));
        const lines = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        const status = response.statusCode ?? 0;
        end({ answered: { status, headers: Object.fromEntries(lines), body: text } });
      });
    });
    request.end(body);
  });
}
