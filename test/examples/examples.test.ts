import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { place } from "../docs/support/documents.js";
import { environmentOf } from "../docs/support/environment.js";
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

it(
  "first-day.ts fits a terminal of 80 columns, and says what each token is for",
  { timeout: 150_000 },
  async () => {
    const { output } = await runProgram([`${place}examples/first-day.ts`]);
    // What follows is the client's own text: a signature base is not folded.
    const [told = ""] = output.split("the sandbox's reason");
    expect(told.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const tokens = told.split("\n  sent").filter((line) => line.includes("/auth/token"));
    expect(tokens.length).toBeGreaterThan(3);
    for (const token of tokens) expect(token).toMatch(/, for\s+\w+:(?:read|admin)\s/);
  },
);

describe("with credentials in the environment", { timeout: 150_000 }, () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());
  const files = `${place}examples/reports-and-files.ts`;
  const run = (more: Readonly<Record<string, string>>) =>
    runProgram([files], { TMPDIR: temporary, ...environmentOf(sandbox), ...more });

  it.each(["https://api.upvest.co", "https://API.upvest.co:443/", "https://api.upvest.co./"])(
    "the live environment is refused: %s",
    async (url) => {
      const { code, output } = await run({ UPVEST_API_BASE_URL: url });
      expect({ code, output }).toEqual({
        code: 1,
        output: expect.stringMatching(/^\S+ is the live/) as string,
      });
      expect(output.trim()).not.toContain("\n");
    },
  );

  it("files are those of that sandbox, which may have one of every name", async () => {
    const { code, output } = await run({ FILE: "booking_references/list.txt" });
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toMatch(/^3\. .*\n {3}It came all the same/m);
  });

  it("FILE without a folder is told in one line", async () => {
    expect(await run({ FILE: "nofolder" })).toEqual({
      code: 1,
      output: "FILE must be a folder and a name: FILE=folder/name\n",
    });
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
