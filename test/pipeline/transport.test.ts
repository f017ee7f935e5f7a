import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { Layer } from "../../src/pipeline/request.js";
import { retry } from "../../src/pipeline/retry.js";
import { exchangeFailure, transport } from "../../src/pipeline/transport.js";
import { json, startApi } from "../support/api.js";
import { anOperation, aRequest } from "../support/pipeline.js";

const withCode = (message: string, code: string): Error => Object.assign(new Error(message), { code });
const failed = (cause: Error): Error => new TypeError("fetch failed", { cause });

/** What the fetch of each runtime was seen to throw. */
const seen: readonly (readonly [runtime: string, what: string, error: Error, mayHaveArrived: boolean])[] = [
  ["Node", "refused", failed(withCode("connect ECONNREFUSED 127.0.0.1:1", "ECONNREFUSED")), false],
  ["Node", "unknown name", failed(withCode("getaddrinfo ENOTFOUND nowhere.invalid", "ENOTFOUND")), false],
  ["Node", "closed", failed(withCode("other side closed", "UND_ERR_SOCKET")), true],
  [
    "Node",
    "no way to the host",
    failed(
      Object.assign(withCode("connect EHOSTUNREACH 10.0.0.1:443", "EHOSTUNREACH"), { syscall: "connect" }),
    ),
    false,
  ],
  [
    "Node",
    "no way to the host any more, told on a connection that was made",
    failed(Object.assign(withCode("read EHOSTUNREACH", "EHOSTUNREACH"), { syscall: "read" })),
    true,
  ],
  ["Node", "a header that undici refuses", failed(withCode("invalid header", "UND_ERR_INVALID_ARG")), false],
  ["Bun", "refused", withCode("ECONNREFUSED: Unable to connect.", "ECONNREFUSED"), false],
  ["Bun", "refused, before 1.4", withCode("Unable to connect.", "ConnectionRefused"), false],
  [
    "Bun",
    "closed",
    withCode("ECONNRESET: The socket connection was closed unexpectedly.", "ECONNRESET"),
    true,
  ],
  [
    "Deno",
    "refused",
    failed(
      new Error(
        "error sending request for url (http://127.0.0.1:1/): client error (Connect): tcp connect error: Connection refused (os error 111)",
      ),
    ),
    false,
  ],
  [
    "Deno",
    "unknown name",
    failed(
      new Error(
        "error sending request for url (http://nowhere.invalid/): client error (Connect): dns error: failed to lookup address information",
      ),
    ),
    false,
  ],
  [
    "Deno",
    "closed",
    failed(
      new Error(
        "error sending request from 127.0.0.1:2 for http://127.0.0.1:1/ (127.0.0.1:1): client error (SendRequest): connection closed before message completed",
      ),
    ),
    true,
  ],
  ["workerd", "refused or closed, it does not tell", new Error("Network connection lost."), true],
];

it("an attempt whose time ran out before it was sent is not sent, and leaves nothing in doubt", async () => {
  const api = await startApi(() => json({}));
  const late: Layer = (next) => async (request) => {
    await once(request.signal ?? new EventTarget(), "abort");
    return next(request);
  };
  const handler = retry({ clock: Date.now })(late(transport(fetch)));
  const operation = anOperation({ idempotencyKey: false });
  const call = handler(aRequest(api.url, operation, { deadline: 1 }));
  await expect(call).rejects.toMatchObject({ name: "UpvestTimeoutError", limit: "deadline", attempts: 0 });
  expect(api.calls).toHaveLength(0);
});

describe("whether a request may have arrived", () => {
  it.each(seen)("%s: %s", (_runtime, _what, error, mayHaveArrived) => {
    expect(
      exchangeFailure(aRequest("http://127.0.0.1:1", anOperation({ idempotencyKey: false })), error),
    ).toMatchObject({
      name: "UpvestConnectionError",
      mayHaveArrived,
    });
  });
});
