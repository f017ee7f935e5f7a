import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUpvestClient, type UpvestClient } from "upvest-client";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";

let sandbox: Sandbox;
let client: UpvestClient;
beforeAll(async () => {
  sandbox = await startSandbox({ strict: true });
  client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials });
});
afterAll(() => sandbox.close());

const reason = (): string | undefined => sandbox.requests.at(-1)?.signature?.reason;

describe("the strict sandbox", () => {
  it("takes what our client sends: reads, writes with and without key, bodiless ones", async () => {
    const user_id = "413715f2-5401-4b97-8055-034a6b879f8c";
    const results = [
      await client.GET("/accounts", { params: { query: { limit: 1 } } }),
      await client.POST("/account_groups", { body: { user_id, type: "PERSONAL" } }),
      await client.PATCH("/accounts/{account_id}", {
        params: { path: { account_id: user_id } },
        body: { name: "x" },
      }),
      await client.DELETE("/accounts/{account_id}", { params: { path: { account_id: user_id } } }),
    ];
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
    expect(sandbox.requests.every(({ signature }) => signature?.verified === true)).toBe(true);
  });

  it("takes headers that the server leaves out of signatures", async () => {
    const { error } = await client.GET("/accounts", { headers: { "x-debug": "1" } });
    expect(error).toBeUndefined();
  });

  it("refuses a header of one's own, which our client covers: it is not in the list of the docs", async () => {
    const { error } = await client.GET("/accounts", { headers: { "partner-ref": "p-1" } });
    expect(error).toMatchObject({ status: 401 });
    expect(reason()).toBe("strict: partner-ref is covered and not in the list of components of the docs");
  });

  it("refuses a header that is not covered, as tracing adds behind the signature", async () => {
    const { error } = await client.GET("/accounts", { headers: { traceparent: "00-a-b-01" } });
    expect(error).toMatchObject({ status: 401 });
    expect(reason()).toBe("strict: sent and not covered: traceparent");
  });
});
