import { request as httpRequest } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUpvestClient, type UpvestClient } from "upvest-client";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";

/** A request as the client handed it to fetch: signed, not yet sent. */
interface Signed {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Signs a call with the real client and keeps what would have been sent. */
async function sign(sandbox: Sandbox, call: (client: UpvestClient) => Promise<unknown>): Promise<Signed> {
  let signed: Signed | undefined;
  const capture: typeof globalThis.fetch = async (input, init) => {
    const url = String(input);
    if (url.endsWith("/auth/token")) return fetch(input, init);
    const body = init?.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : "";
    signed = { method: init?.method ?? "", url, headers: init?.headers as Record<string, string>, body };
    return new Response(null, { status: 204 });
  };
  await call(createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials, fetch: capture }));
  if (signed === undefined) throw new Error("nothing was signed");
  return signed;
}

/** Sends it byte for byte: fetch would mend or refuse some of what a thief would send. */
const send = ({ method, url, headers, body }: Signed): Promise<number> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const path = url.slice(url.indexOf("/", 8));
    try {
      const outgoing = httpRequest({ hostname, port, path, method, headers, agent: false }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      });
      outgoing.on("error", () => resolve(0));
      outgoing.end(body);
    } catch {
      // Not even a request of HTTP any more.
      resolve(0);
    }
  });

/** Another character in the place of one. */
const changeAt = (text: string, index: number, by: number): string => {
  const at = index % text.length;
  const code = text.charCodeAt(at);
  const changed = 0x21 + ((code - 0x21 + 1 + (by % 92)) % 93);
  return text.slice(0, at) + String.fromCharCode(changed) + text.slice(at + 1);
};

const covered = (signed: Signed): readonly string[] =>
  [
    ...(/^sig1=\(([^)]*)\)/.exec(signed.headers["signature-input"] ?? "")?.[1] ?? "").matchAll(/"([^"@]+)"/g),
  ].map(([, name]) => name ?? "");

const mutation = fc.record({
  where: fc.constantFrom("method", "path", "query", "header", "body", "signature-input", "signature"),
  header: fc.nat(),
  index: fc.nat(5_000),
  by: fc.nat(91),
});

function mutate(
  signed: Signed,
  { where, header, index, by }: { where: string; header: number; index: number; by: number },
): Signed {
  const { method, url, headers, body } = signed;
  const names = where === "header" ? covered(signed) : [where];
  const name = names[header % names.length] ?? "";
  const origin = url.slice(0, url.indexOf("/", 8));
  const [path = "", query] = url.slice(origin.length).split("?");
  switch (where) {
    case "method":
      return {
        ...signed,
        method: ["PUT", "PATCH", "DELETE", "GET", "POST"].filter((one) => one !== method)[by % 4] ?? "PUT",
      };
    case "path":
      return {
        ...signed,
        url: `${origin}/${changeAt(path.slice(1), index, by)}${query === undefined ? "" : `?${query}`}`,
      };
    case "query":
      return {
        ...signed,
        url: query === undefined ? `${url}?a` : `${origin}${path}?${changeAt(query, index, by)}`,
      };
    case "body":
      return body === ""
        ? { ...signed, body: "x", headers: { ...headers, "content-length": "1" } }
        : { ...signed, body: changeAt(body, index, by) };
    default:
      return { ...signed, headers: { ...headers, [name]: changeAt(headers[name] ?? "", index, by) } };
  }
}

describe.each([
  ["ed25519", 300],
  ["ecdsa-p521", 60],
] as const)("requests of the client signed with %s", (algorithm, runs) => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ algorithm, rateLimit: Number.POSITIVE_INFINITY });
  });
  afterAll(() => sandbox.close());

  const body = {
    user_id: "2dedfeb0-58cd-44f2-ae08-0e41fe0413d9",
    account_group_id: "fa2414ed-8d62-46fd-85ed-565a340c81d6",
    type: "TRADING",
  } as const;
  const write = (client: UpvestClient) => client.POST("/accounts", { body });
  const read = (client: UpvestClient) =>
    client.GET("/accounts", { params: { query: { limit: 2, order: "ASC" } } });

  it("are accepted as they are, once", async () => {
    for (const call of [write, read]) {
      const signed = await sign(sandbox, call);
      expect(await send(signed)).toBe(200);
      expect(sandbox.requests.at(-1)?.signature).toMatchObject({ verified: true, algorithm });
      expect(await send(signed)).toBe(401);
      expect(sandbox.requests.at(-1)?.signature).toMatchObject({ verified: false });
    }
  });

  it("are refused with any one byte of what is covered changed", async () => {
    const before = sandbox.effects("create_account");
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(write, read), mutation, async (call, how) => {
        const signed = await sign(sandbox, call);
        const changed = mutate(signed, how);
        fc.pre(JSON.stringify(changed) !== JSON.stringify(signed));
        const records = sandbox.requests.length;
        const status = await send(changed);
        expect(status === 0 || (status >= 400 && status < 500)).toBe(true);
        const record = sandbox.requests[records];
        expect(record?.signature?.verified ?? false).toBe(false);
      }),
      { numRuns: runs },
    );
    expect(sandbox.effects("create_account")).toBe(before);
  });
});
