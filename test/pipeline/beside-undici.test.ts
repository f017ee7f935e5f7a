import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { json, startApi, testKey } from "../support/api.js";

const id = "ad45b27f-c0e7-4cfb-b48c-a83670dbdfbd";

/** A process of its own, because what counts is which of the two is loaded first. */
const program = `
  import "undici";
  import { createUpvestClient } from "./src/index.ts";
  const client = createUpvestClient(JSON.parse(process.env["OPTIONS"] ?? ""));
  const body = { user_id: "${id}", account_group_id: "${id}", type: "TRADING" };
  console.log(JSON.stringify((await client.POST("/accounts", { body })).data));
`;

it("the platform's fetch sends a body also where undici 7 was loaded before it", async () => {
  const api = await startApi(() => json({ id }));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", program],
    {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { ...process.env, OPTIONS: JSON.stringify({ ...api.options, signingKey: testKey, retry: false }) },
    },
  );
  expect(JSON.parse(stdout)).toEqual({ id });
  const [call] = api.calls;
  expect(call?.headers["content-length"]).toBe(String(call?.body.length));
  expect(call?.headers["signature-input"]).toContain('"content-length"');
});
