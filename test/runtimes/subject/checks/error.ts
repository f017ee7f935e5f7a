import { UpvestApiError, UpvestError, unwrap } from "upvest-client";
import { expect, expectSame, failureOf } from "../expect.js";
import type { Check } from "../subject.js";
import { sandboxClient } from "./token.js";

/** A refusal of the API comes as an UpvestApiError, returned and thrown, and tells no secret. */
export const error: Check = async (subject) => {
  const client = sandboxClient(subject);
  const params = { query: { limit: 5000 } };
  const { error: returned, response } = await client.GET("/accounts", { params });
  expect(returned instanceof UpvestApiError, "the error is no UpvestApiError");
  expect(returned instanceof UpvestError, "the error is no UpvestError");
  expectSame([response.status, returned.status, returned.code], [400, 400, "invalid_request"], "the refusal");
  expect(returned.requestId !== undefined, "there is no request id");
  const thrown = await failureOf(unwrap(client.GET("/accounts", { params })), "unwrap");
  expect(thrown instanceof UpvestApiError, "the thrown error is no UpvestApiError");

  const { clientId, clientSecret, signingKey } = subject.plan.sandbox.credentials;
  const wrong = sandboxClient(subject, { clientId, signingKey, clientSecret: `${clientSecret}x` });
  const refused = await failureOf(unwrap(wrong.GET("/users")), "a call with the wrong secret");
  expect(refused instanceof UpvestApiError, `the wrong secret became ${refused.name}`);
  expectSame(refused.status, 401, "the status of a wrong secret");
  for (const shown of [JSON.stringify(refused), refused.explain(), String(refused.stack)]) {
    expect(!shown.includes(clientSecret), "the client secret shows in an error");
  }
};
