import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { checkCommands } from "./support/commands.js";
import { takeApart, told } from "./support/documents.js";
import { environmentOf } from "./support/environment.js";
import { checkLinks } from "./support/links.js";
import { compile, writeModules, type Modules } from "./support/modules.js";
import { runModules } from "./support/run.js";
import { isCommandLine, runShell } from "./support/shell.js";
import { checkTables } from "./support/tables.js";

/** Documents that are wrong in one way each: the checks of the real ones must see it. */
const document = (text: string) => ({ path: "docs/broken.md", text });
const ts = (...code: string[]): string => ["```ts", ...code, "```"].join("\n");

describe("blocks that do not compile", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["a field that is not there", ts("console.log(order.colour);"), "docs/broken.md:2 TS2339"],
    [
      "an argument that is wrong",
      ts("const a = 1;", 'await client.GET("/acounts");'),
      "docs/broken.md:3 TS2345",
    ],
    ["a name that nothing declares", ts("console.log(nowhere);"), "docs/broken.md:2 TS2304"],
    [
      "an import that is not exported",
      ts('import { nothing } from "upvest-client";'),
      "docs/broken.md:2 TS2305",
    ],
    [
      "a name from around a block that is a whole program",
      ["<!-- docs: whole -->", ts("console.log(order);")].join("\n"),
      "docs/broken.md:3 TS2304",
    ],
    ["syntax", ts("const = 1;"), "docs/broken.md:2 TS1134"],
    ["laxer than strict", ts("const f = (a) => a;", "f(1);"), "docs/broken.md:2 TS7006"],
  ];
  let found: readonly string[] = [];
  let written: Modules;
  beforeAll(() => {
    // One compilation for all: each text stands in a document of its own.
    const blocks = cases.flatMap(
      ([, text], index) => takeApart({ path: `docs/broken-${index}.md`, text }).blocks,
    );
    written = writeModules(blocks);
    found = told(compile(written));
  }, 120_000);
  afterAll(() => written.remove());

  it.each(cases.map((one, index) => [...one, index] as const))("%s", (_, __, expected, index) => {
    const mine = found.filter((text) => text.startsWith(`docs/broken-${index}.md`));
    expect(mine.join("\n")).toContain(expected.replace("broken", `broken-${index}`));
  });
});

describe("blocks that do not run", { timeout: 150_000 }, () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  it("are found, and the ones beside them are not", async () => {
    const text = [
      ts("await unwrap(client.GET('/accounts'));").replace(
        "await",
        'import { unwrap } from "upvest-client"; await',
      ),
      ts('throw new Error("thrown at once");'),
      ts('void Promise.reject(new Error("thrown by the way"));'),
      ts('await fetch("https://sandbox.upvest.co");'),
      ts("process.exitCode = 3;"),
      ts("console.log(order.id);"),
      ts("const fromEarlier = { is: order.id };"),
      ts("if (fromEarlier.is !== order.id) throw new Error('a later block sees another value');"),
    ].join("\n\n");
    const written = writeModules(takeApart(document(text)).blocks);
    const { failed } = await runModules(written.modules, written, environmentOf(sandbox));
    written.remove();
    const reasons = written.modules.map(({ file }) => failed.get(file)?.join("\n").split("\n")[0] ?? "");
    expect(reasons).toEqual([
      "",
      "Error: thrown at once",
      "Error: thrown by the way",
      "Error: a block of the documents wanted to reach https://sandbox.upvest.co",
      "'it set process.exitCode to 3'",
      "",
      "",
      "",
    ]);
  });
});

describe("shell blocks", { timeout: 150_000 }, () => {
  const block = (code: string) => ({ ...document(""), line: 1, language: "sh", directives: [], code });

  it("are run where they hold nothing but our command line", () => {
    expect(isCommandLine(block("# a comment\nnpx upvest-client --help |\n  head -n 1"))).toBe(true);
    expect(isCommandLine(block("npx upvest-client --help\nrm -r ."))).toBe(false);
    expect(isCommandLine(block("npm start"))).toBe(false);
  });

  it("fail with the first command that does", async () => {
    const { code, output } = await runShell(block("npx upvest-client --no-such-flag\necho on"), {});
    expect(code).not.toBe(0);
    expect(output).toContain("--no-such-flag");
    expect(output).not.toMatch(/^on$/m);
  });
});

describe("links that lead nowhere", () => {
  it.each([
    ["[keys](keys.md)", "the link to keys.md leads nowhere"],
    ["[up](../../README.md)", "the link to ../../README.md leads nowhere"],
    ["[there](#no-such-place)", "docs/broken.md has no heading #no-such-place"],
    ["see `src/no-such-file.ts`", "`src/no-such-file.ts` is not in the project"],
  ])("%s", (text, expected) => {
    expect(told(checkLinks([document(`# A heading\n\n${text}`)]))).toEqual([`docs/broken.md:3 ${expected}`]);
  });

  it("good ones are left alone", () => {
    const text =
      "# A `heading`, of sorts\n\n[a](#a-heading-of-sorts) [b](../README.md) [c](https://x.test) `src/index.ts`";
    expect(checkLinks([document(text), { path: "README.md", text: "" }])).toEqual([]);
  });
});

describe("commands that are not there", () => {
  const sh = (command: string): string => ["```sh", command, "```"].join("\n");
  it.each([
    [sh("npm ci && npm run no-such-script"), 'docs/broken.md:2 package.json has no script "no-such-script"'],
    ["Run `npm run no-such-script`.", 'docs/broken.md:1 package.json has no script "no-such-script"'],
    [sh("npx tsx examples/no-such.ts"), "docs/broken.md:2 there is no examples/no-such.ts to run"],
    [sh("npm install left-padding # a comment"), "docs/broken.md:2 this package knows no left-padding"],
  ])("%s", (text, expected) => {
    expect(told(checkCommands([document(text)]))).toEqual([expected]);
  });
});

describe("tables of members", { timeout: 60_000 }, () => {
  const table = (type: string, names: readonly string[]): string =>
    [
      `<!-- docs: table of ${type} in upvest-client -->`,
      "",
      "| name | meaning |",
      "|---|---|",
      ...names.map((name) => `| \`${name}\` | a word |`),
      "",
      "`notInTheTable`",
    ].join("\n");

  const retry = ["maxAttempts", "baseDelay", "maxDelay", "maxRetryAfter"];

  it.each([
    ["complete", "RetryOptions", retry, []],
    ["too short", "RetryOptions", retry.slice(0, 3), ["the table of RetryOptions misses `maxRetryAfter`"]],
    [
      "too long",
      "RetryOptions",
      [...retry, "colour"],
      ["the table of RetryOptions has `colour`, which the type has not"],
    ],
    [
      "of a union",
      "SignatureAlgorithm",
      ["ed25519"],
      ["the table of SignatureAlgorithm misses `ecdsa-p521`"],
    ],
    ["of nothing", "NoSuchType", ["a"], ["upvest-client exports no type NoSuchType with members"]],
  ] as const)("%s", (_, type, names, expected) => {
    expect(checkTables([document(table(type, names))]).map(({ text }) => text)).toEqual(expected);
  });
});
