import { expect, test } from "vitest";
import { createRecords, MAX_RECORDS, type Draft, type SandboxRequest } from "../../src/sandbox/records.js";

const draft = (at: number): Draft => ({
  at,
  method: "GET",
  url: `/${at}`,
  operationId: undefined,
  headers: new Map(),
  body: Buffer.from("x".repeat(at === 0 ? 70_000 : 1)),
  signature: undefined,
  idempotency: undefined,
  fault: undefined,
});

test("the newest are kept, in the order of arrival, once they are answered", () => {
  const records = createRecords("secret");
  const drafts = Array.from({ length: MAX_RECORDS + 10 }, (_, at) => draft(at));
  for (const each of drafts) records.open(each);
  expect(records.all()).toEqual([]);
  for (const each of drafts.toReversed()) records.close(each, 200);
  const all = records.all();
  expect(all).toHaveLength(MAX_RECORDS);
  expect(all.map(({ at }) => at)).toEqual(drafts.slice(10).map(({ at }) => at));
});

test("a long body is cut", () => {
  const records = createRecords("secret");
  const long = draft(0);
  records.open(long);
  records.close(long, "dropped");
  expect(records.all()[0]?.body).toMatch(/^x{65536}\.\.\. \(70000 bytes\)$/);
});

test("a listener is told of each once it is answered, with what the records show", async () => {
  const told: SandboxRequest[] = [];
  const records = createRecords("secret", (request) => told.push(request));
  const one = draft(1);
  records.open(one);
  await Promise.resolve();
  expect(told).toEqual([]);
  records.close(one, 200);
  await Promise.resolve();
  expect(told).toEqual(records.all());
  expect(told).toMatchObject([{ url: "/1", status: 200 }]);
});
