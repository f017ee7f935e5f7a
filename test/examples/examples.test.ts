import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { place } from "../docs/support/documents.js";
import { runProgram } from "../docs/support/run.js";

/** A line of each that could not be there if its main thing had not worked. */
const tellingLines: Readonly<Record<string, RegExp>> = {
  "direct-debit.ts": /debits that took effect: 1$/m,
  "first-day.ts": /^Orders that took effect: 1\.$/m,
  "opentelemetry.ts": /^3 requests arrived .* all verified: true$/m,
  "portfolio-rebalancing.ts": /account \S+: FILLED, portfolio order \S{36}$/m,
  "reports-and-files.ts": /^ {3}3000000 bytes, [1-9]\d* of them from before$/m,
  "savings-plan.ts": /answered 202: accepted/,
  "webhooks.ts": /^4 deliveries were sent, 2 taken\.$/m,
};

const programs = readdirSync(`${place}examples`).filter((name) => name.endsWith(".ts"));

const temporary = mkdtempSync(join(tmpdir(), "upvest-client-examples-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe.concurrent("examples", { timeout: 150_000 }, () => {
  it.each(programs)("%s runs without credentials and without network", async (name) => {
    const { code, output } = await runProgram([`${place}examples/${name}`], { TMPDIR: temporary });
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringMatching(tellingLines[name] ?? /./) as string,
    });
    expect(output).not.toMatch(/PRIVATE KEY-----|ory_at_/);
  });
});

it("the recipe for node:test runs as it says", { timeout: 150_000 }, async () => {
  const { code, output } = await runProgram(["--test", `${place}examples/testing/orders.node.test.ts`]);
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/pass 4$/m) as string });
});

it("examples/README.md lists every example, and each says how to run it", () => {
  const readme = readFileSync(`${place}examples/README.md`, "utf8");
  expect(programs.filter((name) => !readme.includes(`](${name})`))).toEqual([]);
  const silent = programs.filter(
    (name) => !/^ \* Run it: np\w+ .+$/m.test(readFileSync(`${place}examples/${name}`, "utf8")),
  );
  expect(silent).toEqual([]);
});
