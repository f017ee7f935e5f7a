/** What it costs to import: in a process of its own each time, all packages in turn. Files are in the system's cache. */
import { execFileSync } from "node:child_process";
import { interleave, versus } from "../harness/interleave.js";
import { report } from "../harness/row.js";
import { clientOptions } from "../support/fixtures.js";

/** Run in a fresh process at the root of the project, where the package's own name leads to its exports. */
function inFreshProcess(script: string): string {
  return execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
}

interface Import {
  /** ms */
  readonly time: number;
  /** kB that stay in use. */
  readonly heap: number;
}

function importOf(specifier: string): Import {
  const script = `
    gc();
    const before = process.memoryUsage().heapUsed;
    const start = performance.now();
    const module = await import(${JSON.stringify(specifier)});
    const time = performance.now() - start;
    gc();
    const heap = (process.memoryUsage().heapUsed - before) / 1000;
    console.log(JSON.stringify({ time, heap, names: Object.keys(module).length }));`;
  return JSON.parse(inFreshProcess(script)) as Import;
}

const specifiers = {
  ours: "upvest-client",
  webhooks: "upvest-client/webhooks",
  openapi: "openapi-fetch",
  openai: "openai",
  stripe: "stripe",
} as const;

async function compare(figure: keyof Import) {
  const side = (specifier: string) => () => importOf(specifier)[figure];
  return interleave(
    {
      ours: side(specifiers.ours),
      webhooks: side(specifiers.webhooks),
      openapi: side(specifiers.openapi),
      openai: side(specifiers.openai),
      stripe: side(specifiers.stripe),
    },
    { rounds: figure === "time" ? 9 : 7, turns: 1, warmUp: 1 },
  );
}

/** Modules of noble that are loaded once a client has signed a call here. */
function nobleModules(): number {
  const loader = `let port;
    export function initialize(data) { port = data.port; }
    export async function load(url, context, next) { port.postMessage(url); return next(url, context); }`;
  const script = `
    import { register } from "node:module";
    import { MessageChannel } from "node:worker_threads";
    const { port1, port2 } = new MessageChannel();
    const loaded = [];
    port1.on("message", (url) => loaded.push(url));
    port1.unref();
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(loader)}`)}, import.meta.url, {
      data: { port: port2 },
      transferList: [port2],
    });
    const { createUpvestClient } = await import("upvest-client");
    const signed = [];
    const client = createUpvestClient({
      ...${JSON.stringify(clientOptions("ed25519", {}))},
      fetch: async (url, { headers }) => {
        signed.push(headers.signature);
        return Response.json({ access_token: "t", expires_in: 1800, token_type: "bearer", scope: "accounts:read" });
      },
    });
    await client.GET("/accounts");
    await new Promise((resolve) => setTimeout(resolve, 50));
    const ours = loaded.filter((url) => url.endsWith("/dist/esm/index.js")).length;
    if (ours !== 1 || signed.length !== 2 || signed.some((value) => !value)) {
      throw new Error("the client was not loaded, or has not signed: " + JSON.stringify({ ours, signed: signed.length }));
    }
    console.log(loaded.filter((url) => url.includes("noble")).length);`;
  return Number(inFreshProcess(script));
}

const times = await compare("time");
const heaps = await compare("heap");
const others = { openapi: "openapi-fetch", openai: "openai", stripe: "stripe" } as const;
const against = Object.entries(others) as ["openapi" | "openai" | "stripe", string][];
report([
  ...against.map(([other, name]) =>
    versus(times, { name: "cold import: upvest-client", unit: "ms" }, { ours: "ours", other, against: name }),
  ),
  versus(
    times,
    { name: "cold import: upvest-client/webhooks", unit: "ms" },
    { ours: "webhooks", other: "openapi", against: "openapi-fetch" },
  ),
  ...against.map(([other, name]) =>
    versus(
      heaps,
      { name: "heap after import: upvest-client", unit: "kB" },
      { ours: "ours", other, against: name },
    ),
  ),
  {
    name: "modules of noble after a signed call on Node",
    ours: nobleModules(),
    unit: "modules",
    goal: { of: "ours", is: "=", value: 0 },
  },
]);
