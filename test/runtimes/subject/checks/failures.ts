import {
  createUpvestClient,
  unwrap,
  UpvestConnectionError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
  type UpvestClient,
} from "upvest-client";
import { oddAccounts } from "../../plan.js";
import { expect, expectSame, failureOf } from "../expect.js";
import type { Check, Subject } from "../subject.js";
import { oracleClient } from "./sign.js";
import { sandboxClient } from "./token.js";

const get = (
  client: UpvestClient,
  account: string,
  options: { timeout?: number; signal?: AbortSignal } = {},
) => unwrap(client.GET("/accounts/{account_id}", { params: { path: { account_id: account } }, ...options }));

/** What goes wrong below HTTP: refused, cut, silent, aborted; and a redirect, which is not followed. */
export const failures: Check = async (subject) => {
  const client = oracleClient(subject, "ed25519");

  const late = await failureOf(get(client, oddAccounts.silent, { timeout: 50 }), "a call to a silent server");
  expect(late instanceof UpvestTimeoutError, `silence became ${late.name}: ${late.message}`);
  expectSame([late.limit, late.milliseconds], ["timeout", 50], "the limit that ran out");

  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const aborted = failureOf(
    get(client, oddAccounts.silent, { signal: controller.signal }),
    "an aborted call",
  );
  setTimeout(() => controller.abort(reason), 20);
  expect((await aborted) === reason, "an aborted call does not give the caller's reason");

  const cut = await failureOf(get(client, oddAccounts.cut), "an answer that was cut");
  expect(cut instanceof UpvestConnectionError, `a cut answer became ${cut.name}: ${cut.message}`);
  expect(cut.mayHaveArrived, "a cut answer counts as never sent");

  const moved = await client.GET("/accounts/{account_id}", {
    params: { path: { account_id: oddAccounts.moved } },
  });
  // Followed, it would be refused with 401: the signature covers the first path.
  expectSame(moved.response.status, 307, "the status of a redirect");
  expect(moved.error !== undefined, "a redirect counts as success");

  await refusedConnection(subject);
};

/** Where nobody listens nothing was sent. A runtime that cannot tell leaves a write in doubt, never the other way round. */
async function refusedConnection(subject: Subject): Promise<void> {
  const elsewhere = createUpvestClient({
    ...subject.plan.sandbox.credentials,
    baseUrl: subject.plan.nobody,
    retry: { maxAttempts: 2, baseDelay: 1, maxDelay: 1 },
  });
  const read = await failureOf(get(elsewhere, oddAccounts.cut), "a call to nobody");
  expect(read instanceof UpvestConnectionError, `a refused connection became ${read.name}: ${read.message}`);
  const expected = [!subject.tellsRefusal, 2];
  expectSame([read.mayHaveArrived, read.attempts], expected, `may have arrived, attempts (${read.message})`);

  // With the token at hand, so that it is the write itself that fails.
  let away = false;
  const client = sandboxClient(subject, {
    retry: false,
    fetch: (input, init) =>
      fetch(away ? String(input).replace(subject.plan.sandbox.url, subject.plan.nobody) : input, init),
  });
  const write = () =>
    unwrap(
      client.POST("/account_groups", { body: { user_id: crypto.randomUUID(), type: "PERSONAL" } as const }),
    );
  await write();
  away = true;
  const unsent = await failureOf(write(), "a write to nobody");
  const kind = subject.tellsRefusal ? UpvestConnectionError : UpvestUnknownOutcomeError;
  expect(unsent instanceof kind, `an unsent write became ${unsent.name}: ${unsent.message}`);
}
