import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createUpvestClient, UpvestApiError } from "../../src/index.js";
import { withoutSecrets } from "../../src/pipeline/hide-secrets.js";
import { json, startApi, type Answer, type Responder } from "../support/api.js";

const refusal = (body: object): Answer => ({
  status: 422,
  headers: { "content-type": "application/problem+json" },
  body: { type: "https://docs.upvest.co/errors/unprocessable_entity", status: 422, ...body },
});

describe("what an answer repeats", () => {
  it.each([
    "canary-client-secret",
    'canary &client=secret "of" mine\\',
    "canary client secret with words",
    "cänäry-ß",
  ])("the client secret %j is in no error, however it is spelt", async (clientSecret) => {
    const spellings = [
      `the secret "${clientSecret}" is wrong`,
      `client_secret=${encodeURIComponent(clientSecret)}&scope=x`,
      String(new URLSearchParams({ client_secret: clientSecret })),
      JSON.stringify({ client_secret: clientSecret }),
      `got ${JSON.stringify(clientSecret)}`,
    ];
    for (const detail of spellings) {
      const api = await startApi(
        () => json({}),
        () => refusal({ detail, details: { given: [detail], client_secret: { value: clientSecret } } }),
      );
      const { error } = await createUpvestClient({ ...api.options, clientSecret }).GET("/accounts");
      const told = `${error?.message}${JSON.stringify(error)}${inspect(error, { depth: 9 })}${error?.explain()}`;
      expect(told).toContain("[hidden]");
      for (const part of ["canary", "cänäry", "c%C3%A4n", "words", "mine", "of"]) {
        if (clientSecret.includes(part) || part.includes("%")) expect(told).not.toContain(part);
      }
    }
  });

  it("nor where a form came to be the name of a member, or what should say bearer", async () => {
    const clientSecret = "canary-client-secret";
    const answers: readonly Responder[] = [
      ({ body }) => refusal({ details: { [body]: "unexpected" } }),
      ({ body }) => json({ access_token: "t", expires_in: 1, token_type: body }),
      ({ body }) => json({ access_token: "t", expires_in: body, token_type: "bearer" }),
    ];
    for (const answer of answers) {
      const api = await startApi(() => json({}), answer);
      const { error } = await createUpvestClient({ ...api.options, clientSecret }).GET("/accounts");
      expect(error).toBeInstanceOf(UpvestApiError);
      expect(`${error?.message}${inspect(error, { depth: 9 })}`).not.toContain(clientSecret);
    }
  });

  it("the access token is in no error, whatever it looks like", async () => {
    const token = "canary.token-1";
    const api = await startApi(
      () => refusal({ detail: `token ${token} is not active` }),
      () => json({ access_token: token, expires_in: 100, token_type: "bearer", scope: "accounts:read" }),
    );
    const { error } = await createUpvestClient(api.options).GET("/accounts");
    expect(error?.message).toContain("token [hidden] is not active");
  });

  it.each([["is required"], null, 5, { secret: 1 }, true])(
    "a member client_secret that is %j is hidden, and the refusal is told",
    async (client_secret) => {
      const api = await startApi(() => refusal({ details: { client_secret, field: "a" } }));
      const { error } = await createUpvestClient(api.options).GET("/accounts");
      expect(error).toMatchObject({
        code: "unprocessable_entity",
        problem: { details: { client_secret: "[hidden]", field: "a" } },
      });
    },
  );

  it("may be nested as deep as it likes", async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`;
    const api = await startApi(() => ({
      status: 422,
      body: `{"type":"https://docs.upvest.co/errors/unprocessable_entity","status":422,"details":${deep}}`,
    }));
    const { error } = await createUpvestClient(api.options).GET("/accounts");
    expect(error?.code).toBe("unprocessable_entity");
    expect(JSON.stringify(error)).toContain("[nested too deep]");
  });
});

it("leaves what holds no secret as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/bearer|basic|ory_at_|sig|secret/i.test(text));
      expect(withoutSecrets(JSON.parse(text), "a-secret-that-is-nowhere")).toEqual(JSON.parse(text));
    }),
  );
});
