import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUpvestClient, type UpvestClientOptions } from "upvest-client";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { createServerClock } from "../../src/pipeline/skew.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());

const options = (offset: number, different: Partial<UpvestClientOptions> = {}): UpvestClientOptions => ({
  baseUrl: sandbox.url,
  ...sandbox.credentials,
  clock: () => Date.now() + offset,
  ...different,
});

describe("a client whose clock is off", () => {
  it.each([SECOND, -SECOND, 0])("by %d ms is within what a signature allows", async (offset) => {
    const before = sandbox.requests.length;
    const { data } = await createUpvestClient(options(offset)).GET("/accounts");
    expect(data?.meta.total_count).toBe(3);
    expect(sandbox.requests.slice(before).map(({ status }) => status)).toEqual([200, 200]);
  });

  it.each([MINUTE, -MINUTE, DAY, -DAY, 400 * DAY])(
    "by %d ms learns it from one refusal and keeps it",
    async (offset) => {
      const before = sandbox.requests.length;
      const client = createUpvestClient(options(offset));
      expect((await client.GET("/accounts")).data).toBeDefined();
      // The token request is the first to be refused; nothing is refused after it.
      expect(sandbox.requests.slice(before).map(({ status }) => status)).toEqual([401, 200, 200]);
      const effects = sandbox.effects("create_account_group");
      const user_id = "413715f2-5401-4b97-8055-034a6b879f8c";
      const write = await client.POST("/account_groups", { body: { user_id, type: "PERSONAL" } });
      expect(write).toMatchObject({ attempts: 1 });
      expect(sandbox.effects("create_account_group")).toBe(effects + 1);
    },
  );

  it("is corrected once for many callers", async () => {
    const before = sandbox.requests.length;
    const client = createUpvestClient(options(DAY));
    const results = await Promise.all(Array.from({ length: 50 }, () => client.GET("/accounts")));
    expect(results.every(({ data }) => data !== undefined)).toBe(true);
    const refused = sandbox.requests.slice(before).filter(({ status }) => status === 401);
    expect(refused).toHaveLength(1);
  });

  it("follows a clock that is put right while it runs", async () => {
    let offset = DAY;
    const client = createUpvestClient({ ...options(0), clock: () => Date.now() + offset });
    await client.GET("/accounts");
    offset = 0;
    expect(await client.GET("/accounts")).toMatchObject({ data: {}, attempts: 2 });
    expect(await client.GET("/accounts")).toMatchObject({ data: {}, attempts: 1 });
  });

  it("is left alone where the option says so", async () => {
    const client = createUpvestClient(options(DAY, { clockSkewCorrection: false }));
    const { error } = await client.GET("/accounts");
    expect(error).toMatchObject({ status: 401, operationId: "issue_token" });
    expect(error?.explain()).toContain(
      "Set the clock first: a signature that is dated 86400 s ahead of the server",
    );
  });
});

describe("the server's clock", () => {
  it("learns nothing from a date that is missing, broken, or as good as the local one", () => {
    const now = Date.UTC(2026, 10, 21, 12);
    const server = createServerClock(() => now, true);
    for (const date of [null, "", "soon", "Sat, 21 Nov 2026 12:00:01 GMT", "Sat, 21 Nov 2026 11:59:58 GMT"]) {
      server.learn(date);
      expect(server.now()).toBe(now);
    }
    server.learn("Sat, 21 Nov 2026 12:00:10 GMT");
    expect(server.offset()).toBe(10_500);
  });
});
