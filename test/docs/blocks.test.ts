import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { redisIsInstalled, startRedis, type RedisServer } from "../redis/support/server.js";
import { readDocuments, takeApart, told, type Block } from "./support/documents.js";
import { environmentOf } from "./support/environment.js";
import { compile, writeModules } from "./support/modules.js";
import { runModules } from "./support/run.js";
import { isCommandLine, runShell } from "./support/shell.js";

const blocks = readDocuments().flatMap((document) => takeApart(document).blocks);
const written = writeModules(blocks);
afterAll(() => written.remove());

const languages = new Set(["ts", "js", "sh", "json", "yaml", "text", "http"]);
const directive = /^(?:whole|with [\w, ]+|not run: .{10,}|needs redis)$/;
const says = ({ directives }: Block, word: string): boolean =>
  directives.some((text) => text.startsWith(word));

describe("code blocks of the documents", () => {
  it("say which language they are in", () => {
    const unknown = blocks.filter(({ language }) => !languages.has(language));
    expect(told(unknown.map((block) => ({ ...block, text: `language "${block.language}"` })))).toEqual([]);
  });

  it("have no comment before them that nothing reads", () => {
    const all = blocks.flatMap((block) => block.directives.map((text) => ({ ...block, text })));
    expect(told(all.filter(({ text }) => !directive.test(text)))).toEqual([]);
  });

  it("are TypeScript as strict as the sources", { timeout: 120_000 }, () => {
    expect(written.modules.length).toBeGreaterThan(10);
    expect(told(compile(written))).toEqual([]);
  });

  it.each(blocks.filter(({ language }) => language === "json"))("$path:$line is JSON", ({ code }) => {
    expect(() => JSON.parse(code) as unknown).not.toThrow();
  });

  it.each(blocks.filter(({ language }) => language === "yaml"))("$path:$line is YAML", ({ code }) => {
    expect(() => parse(code) as unknown).not.toThrow();
  });
});

describe("blocks run against the sandbox", { timeout: 150_000 }, () => {
  let sandbox: Sandbox;
  let redis: RedisServer | undefined;
  beforeAll(async () => {
    sandbox = await startSandbox({ deliverySpeed: 1000 });
    if (redisIsInstalled) redis = await startRedis();
  });
  afterAll(async () => {
    await Promise.all([sandbox.close(), redis?.remove()]);
  });

  const run = written.modules.filter(
    ({ block }) => !says(block, "not run") && (redisIsInstalled || !says(block, "needs redis")),
  );
  it.each([...new Set(run.map(({ block }) => block.path))])("of %s", async (path) => {
    const modules = run.filter(({ block }) => block.path === path);
    const { output, failed } = await runModules(modules, written, {
      ...environmentOf(sandbox),
      ...(redis !== undefined && { REDIS_URL: redis.url }),
      TOKEN_KEY: Buffer.alloc(32, 7).toString("base64"),
    });
    expect(output).not.toContain(sandbox.credentials.clientSecret);
    const findings = modules.flatMap(({ block, file }) =>
      (failed.get(file) ?? []).map((text) => ({ ...block, text })),
    );
    expect(told(findings), output).toEqual([]);
  });

  const commands = blocks.filter((block) => isCommandLine(block) && !says(block, "not run"));
  it.each(commands)("$path:$line", async (block) => {
    const { code, output } = await runShell(block, environmentOf(sandbox));
    expect(output).not.toContain(sandbox.credentials.clientSecret);
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  });
});
