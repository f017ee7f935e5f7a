import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { json, startApi } from "../support/api.js";
import { envOf } from "./support/sandbox.js";
import { scratch } from "./support/scratch.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const tsx = pathToFileURL(join(root, "node_modules", "tsx", "dist", "loader.mjs")).href;

/** The command in a process of its own, from its source. */
function start(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  cwd = scratch(),
  redirect?: string,
) {
  // As a loader: its own command would sit in between, and end by itself on the second signal.
  const main = ["--import", tsx, join(root, "src", "cli", "main.ts")];
  const { PATH, HOME, SystemRoot } = process.env;
  const command =
    redirect === undefined
      ? ([process.execPath, []] as const)
      : (["/bin/sh", ["-c", `exec "$0" "$@" ${redirect}`, process.execPath]] as const);
  const child = spawn(command[0], [...command[1], ...main, ...argv], {
    cwd,
    env: { PATH, HOME, SystemRoot, TSX_TSCONFIG_PATH: join(root, "tsconfig.json"), ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const written = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (written.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (written.stderr += chunk.toString()));
  return { child, written };
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<unknown> {
  const [code, signal] = await once(child, "close");
  return signal ?? code;
}

/** Resolves once stderr holds this. */
async function says(
  child: ChildProcessWithoutNullStreams,
  written: { readonly stderr: string },
  text: string,
): Promise<void> {
  while (!written.stderr.includes(text)) await once(child.stderr, "data");
}

it("is what package.json installs, and begins as a program does", () => {
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(manifest).toMatchObject({ bin: { "upvest-client": "./dist/esm/cli.js" } });
  expect(readFileSync(join(root, "src", "cli", "main.ts"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
});

describe("a process", () => {
  it("ends with the command's exit code: usage, refusal, no answer", async () => {
    const usage = start(["request", "GET", "/acounts"]);
    expect(await ended(usage.child)).toBe(2);
    expect(usage.written).toEqual({ stdout: "", stderr: expect.stringContaining("Nearest:") });

    const refusing = await startApi(() => json({ type: "about:blank", title: "No" }, 403));
    const refused = start(["request", "GET", "/auth/verify_keys"], envOf(refusing.options));
    expect(await ended(refused.child)).toBe(1);
    expect(refused.written.stderr).toContain("403 forbidden");

    const cutting = await startApi(() => ({ cut: "before" }));
    const cut = start(["request", "GET", "/auth/verify_keys", "--no-retry"], envOf(cutting.options));
    expect(await ended(cut.child)).toBe(4);
  });

  it("reads .env of its working directory, and its body from stdin", async () => {
    const api = await startApi(() => json({ id: "1" }));
    const cwd = scratch();
    const { child, written } = start(
      ["request", "POST", "/accounts", "--data", "-"],
      envOf(api.options),
      cwd,
    );
    child.stdin.end('{"type":"TRADING"}');
    expect(await ended(child)).toBe(0);
    expect(written.stdout).toBe('{"id":"1"}\n');
    expect(api.calls[0]?.body).toBe('{"type":"TRADING"}');
  });

  it("asks nothing where there is no terminal", async () => {
    const cwd = scratch();
    const { child, written } = start(["keygen"], {}, cwd);
    expect(await ended(child)).toBe(2);
    expect(written.stderr).toContain("no terminal to ask for a passphrase on");
    expect(existsSync(join(cwd, "upvest-signing-key.pem"))).toBe(false);
  });

  it.skipIf(process.platform === "win32")(
    "that nobody reads any more stops, and that is no failure",
    async () => {
      // Pages without end: only a closed pipe ends this walk.
      const page = Array.from({ length: 1000 }, () => ({ id: "x".repeat(100) }));
      const api = await startApi(({ url }) => {
        const offset = Number(new URL(url, "http://x").searchParams.get("offset"));
        return json({
          meta: { offset, limit: 1000, count: 1000, total_count: Number.MAX_SAFE_INTEGER },
          data: page,
        });
      });
      const { child, written } = start(["request", "GET", "/accounts", "--paginate"], envOf(api.options));
      await once(child.stdout, "data");
      child.stdout.destroy();
      expect(await ended(child)).toBe(0);
      expect(written.stderr).toBe("");
    },
  );

  it("whose answer nobody reads has made its write all the same, and says nothing else", async () => {
    const api = await startApi(() => json({ id: "1" }, 201));
    const argv = ["request", "POST", "/accounts", "--data", "-", "--json"];
    const { child, written } = start(argv, envOf(api.options));
    child.stdout.destroy();
    child.stdin.end("{}");
    expect(await ended(child)).toBe(0);
    expect(written.stderr).toMatch(/\n201 Created {2}create_account .*\n$/);

    const refusing = await startApi(() => json({ type: "about:blank", title: "No" }, 403));
    const refused = start(argv, envOf(refusing.options));
    refused.child.stdout.destroy();
    refused.child.stdin.end("{}");
    expect(await ended(refused.child)).toBe(1);
  });

  it.skipIf(!existsSync("/dev/full"))(
    "whose stdout is on a full disk says so, and does not end as if the API had refused",
    async () => {
      const api = await startApi(() => json({ id: "1" }, 201));
      const argv = ["request", "POST", "/accounts", "--data", "{}"];
      const { child, written } = start(argv, envOf(api.options), scratch(), "> /dev/full");
      expect(await ended(child)).toBe(74);
      expect(written.stderr).toMatch(/\n201 Created .*\nerror: stdout cannot be written: ENOSPC.*\n$/);
    },
  );

  it.skipIf(!existsSync("/dev/full"))(
    "whose log is on a full disk makes its write all the same",
    async () => {
      const api = await startApi(() => json({ id: "1" }, 201));
      const argv = ["request", "POST", "/accounts", "--data", "{}"];
      const { child, written } = start(argv, envOf(api.options), scratch(), "2> /dev/full");
      expect(await ended(child)).toBe(0);
      expect(written.stdout).toBe('{"id":"1"}\n');
    },
  );

  it.skipIf(process.platform === "win32")("that waits for its input ends with a signal", async () => {
    const argv = ["request", "POST", "/accounts", "--data", "-"];
    const { child, written } = start(argv, { UPVEST_API_CLIENT_ID: "x" });
    // More than any pipe holds: it has begun to read.
    await new Promise<void>((resolve) => child.stdin.write(" ".repeat(4 * 1024 * 1024), () => resolve()));
    child.stdin.on("error", () => undefined);
    child.kill("SIGTERM");
    expect(await ended(child)).toBe(143);
    expect(written.stderr).toBe("interrupted\n");
  });

  it.skipIf(process.platform === "win32")(
    "that is interrupted while a write is out tells its key and ends with 3",
    async () => {
      let arrived = (): void => undefined;
      const out = new Promise<void>((resolve) => (arrived = resolve));
      const api = await startApi(() => {
        arrived();
        return new Promise(() => undefined);
      });
      const { child, written } = start(["request", "POST", "/accounts", "--data", "{}"], envOf(api.options));
      await out;
      child.kill("SIGINT");
      expect(await ended(child)).toBe(3);
      expect(written.stderr).toContain(
        `--idempotency-key ${String(api.calls[0]?.headers["idempotency-key"])}`,
      );
    },
  );

  it.skipIf(process.platform === "win32")(
    "that is a proxy waits for a write that is out, until it is interrupted again",
    async () => {
      let arrived = (): void => undefined;
      const out = new Promise<void>((resolve) => (arrived = resolve));
      const api = await startApi(() => {
        arrived();
        return new Promise(() => undefined);
      });
      const { child, written } = start(["proxy"], envOf(api.options));
      await says(child, written, "  curl ");
      const url = /listens at (\S+),/.exec(written.stderr)?.[1] ?? "";
      const headers = { "content-type": "application/json" };
      const answer = fetch(`${url}/orders`, { method: "POST", headers, body: "{}" });
      await out;
      child.kill("SIGINT");
      await says(child, written, "waiting up to 8 s for 1 call");
      // Not SIGINT again: how soon it comes after the first, which a machine under load decides, is what it means.
      child.kill("SIGTERM");
      expect(await ended(child)).toBe(3);
      const key = String(api.calls[0]?.headers["idempotency-key"]);
      expect(written.stderr).toContain(`\nPOST /orders  outcome unknown, idempotency key ${key}\n`);
      expect(await (await answer).json()).toMatchObject({ idempotency_key: key });
    },
  );

  it.skipIf(process.platform === "win32").each(["SIGINT", "SIGTERM"] as const)(
    "a sandbox ends cleanly on %s",
    async (signal) => {
      const { child, written } = start(["sandbox"]);
      await says(child, written, "for await (const account");
      child.kill(signal);
      expect(await ended(child)).toBe(0);
      expect(written.stderr).toMatch(/0 requests; the sandbox is closed\n$/);
    },
  );
});

it("help whose reader has gone is no failure", async () => {
  const { child, written } = start(["proxy", "--help"]);
  child.stdout.destroy();
  await once(child, "close");
  expect(written.stderr).toBe("");
});
