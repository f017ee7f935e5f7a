import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "upvest-client/sandbox";
import { createCaller, type Caller } from "./support/caller.js";
import { readContract } from "./support/contract.js";
import { description, start } from "./support/description.js";

const contract = readContract(description);
let sandbox: Sandbox;
let caller: Caller;
let token: string;

beforeAll(async () => {
  sandbox = await start({ rateLimit: Infinity });
  caller = createCaller(sandbox);
  const scopes = new Set(contract.operations.flatMap((operation) => operation.scopes));
  token = await caller.token([...scopes].join(" "));
});
afterAll(async () => {
  caller.close();
  await sandbox.close();
});

describe("answers from the description", () => {
  test.each(contract.operations.filter((operation) => !operation.form))(
    "$id answers as described",
    async (operation) => {
      const reply = await caller.call(operation.method, operation.target, {
        token,
        ...(operation.idempotent ? { idempotencyKey: randomUUID() } : {}),
        ...(operation.body === undefined ? {} : { json: operation.body }),
      });
      const type = reply.headers["content-type"] ?? "";
      expect(reply.status, reply.text).toBeLessThan(300);
      expect(
        contract.faults(operation, reply.status, type, type === "" ? undefined : JSON.parse(reply.text)),
        reply.text,
      ).toEqual([]);
    },
  );
});
