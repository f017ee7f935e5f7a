import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { description } from "../../generated/description.js";
import { createCaller, type Caller, type Reply } from "./support/caller.js";
import { readContract, type ContractOperation } from "./support/contract.js";
import { readDescription } from "./support/description.js";

const published = process.env["UPVEST_PUBLISHED_SPEC"];
const NOTHING = { openapi: "3.1.0", paths: {} };

describe.each([
  ["this package's description", description],
  ["the published description", published === undefined ? NOTHING : readDescription(published)],
])("answers from %s", (_, document) => {
  const contract = readContract(document);
  const operations = contract.operations.filter((operation) => !operation.form);
  // Subscriptions are not made up: test/sandbox/subscriptions.test.ts has their pages.
  const paged = operations.filter(
    ({ id, query }) => query.includes("offset") && query.includes("limit") && id !== "list_webhooks",
  );
  let sandbox: Sandbox;
  let caller: Caller;
  let token: string;

  // The published file is not part of this project; where it is, the variable says.
  const here = document === NOTHING ? describe.skip : describe;

  /** A subscription must be there to be asked for. */
  const targetOf = async (operation: ContractOperation): Promise<string> => {
    if (!operation.path.includes("{webhook_id}")) return operation.target;
    const json = { title: "Test", url: "https://receiver.invalid" };
    const made = await caller.call("POST", "/webhooks", { token, json });
    return operation.path.replace("{webhook_id}", String(made.json["id"]));
  };
  const call = async (operation: ContractOperation, query = ""): Promise<Reply> =>
    caller.call(operation.method, `${await targetOf(operation)}${query}`, {
      token,
      ...(operation.idempotent ? { idempotencyKey: randomUUID() } : {}),
      ...(operation.body === undefined ? {} : { json: operation.body }),
    });
  const faults = (operation: ContractOperation, reply: Reply): readonly string[] => {
    const type = reply.headers["content-type"] ?? "";
    return contract.faults(operation, reply.status, type, type === "" ? undefined : JSON.parse(reply.text));
  };

  here("on the wire", () => {
    beforeAll(async () => {
      const collections = Object.fromEntries(paged.map(({ id }) => [id, 7]));
      sandbox = await startSandbox({ description: document, rateLimit: Infinity, collections });
      caller = createCaller(sandbox);
      const scopes = new Set(operations.flatMap((operation) => operation.scopes));
      token = await caller.token([...scopes].join(" "));
    });
    afterAll(async () => {
      caller.close();
      await sandbox.close();
    });

    test.each(operations)("$id is answered as described", async (operation) => {
      const reply = await call(operation);
      expect(reply.status, reply.text).toBeLessThan(300);
      expect(faults(operation, reply), reply.text).toEqual([]);
      expect(reply.headers["upvest-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    });

    test.each(paged)("$id is walked in pages", async (operation) => {
      const mark = operation.target.includes("?") ? "&" : "?";
      const items: unknown[] = [];
      for (const [offset, count] of [
        [0, 3],
        [3, 3],
        [6, 1],
        [9, 0],
      ] as const) {
        const reply = await call(operation, `${mark}offset=${offset}&limit=3`);
        expect(faults(operation, reply), reply.text).toEqual([]);
        expect(reply.json["meta"]).toMatchObject({ offset, limit: 3, count, total_count: 7 });
        const data = Object(reply.json["data"]);
        expect(data).toHaveLength(count);
        items.push(...data);
      }
      const whole = Object(JSON.parse((await call(operation)).text));
      expect(whole.meta).toMatchObject({ offset: 0, limit: 100, count: 7, total_count: 7 });
      expect(items).toEqual(whole.data);
      const ids = items.map((item) => Object(item).id).filter((id) => id !== undefined);
      expect([0, 7]).toContain(ids.length);
      expect(new Set(ids).size).toBe(ids.length);
    });

    test("there is something to walk", () => {
      expect(paged.length).toBeGreaterThan(15);
    });
  });
});
