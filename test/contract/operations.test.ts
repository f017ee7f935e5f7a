import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUpvestClient, type CallResult } from "upvest-client";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { arbitrary } from "./arbitrary.js";
import { contracts, type Contract } from "./description.js";
import { violations } from "./schemas.js";

/** Requests per operation, each another one. The seed is fixed: a contract that fails today fails tomorrow. */
const ROUNDS = 3;
const SEED = 1_750;

type Call = (path: string, init: unknown) => Promise<CallResult<unknown>>;

interface Row {
  readonly operation: string;
  readonly request: string;
  readonly answer: string;
  readonly verdict: string;
}

let sandbox: Sandbox;
let server: Server;
let endpoint: string;
let client: Readonly<Record<Contract["method"], Call>>;
const rows: Row[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ rateLimit: Number.POSITIVE_INFINITY });
  server = createServer((_, answer) => answer.end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  client = createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials }) as unknown as typeof client;
});

afterAll(async () => {
  await sandbox.close();
  server.close();
  mkdirSync("coverage", { recursive: true });
  const lines = rows.map(
    ({ operation, request, answer, verdict }) => `| ${operation} | ${request} | ${answer} | ${verdict} |`,
  );
  writeFileSync(
    "coverage/contract.md",
    ["| operation | request | answer | verdict |", "|---|---|---|---|", ...lines, ""].join("\n"),
  );
});

/** The sandbox keeps webhook subscriptions, so an operation on one needs one. */
async function webhookId(url: string): Promise<string> {
  const body = { title: "Contract", url, type: ["ALL"] };
  const { data } = await client.POST("/webhooks", { body });
  return (data as { readonly id: string }).id;
}

/** Parameters and body, built from the schemas of the operation. */
function requests({ id, parameters, body }: Contract): readonly {
  readonly params: Record<string, Record<string, unknown>>;
  readonly body?: unknown;
}[] {
  const one = fc.record({
    parameters: fc.tuple(
      ...parameters.map(({ required, schema }) =>
        required ? arbitrary(schema) : fc.option(arbitrary(schema), { nil: undefined }),
      ),
    ),
    body: body === undefined ? fc.constant(undefined) : arbitrary(body),
  });
  return fc.sample(one, { numRuns: ROUNDS, seed: SEED + id.length }).map((sample) => {
    const params: Record<string, Record<string, unknown>> = {};
    parameters.forEach((parameter, index) => {
      const value = sample.parameters[index];
      if (value !== undefined) (params[parameter.in] ??= {})[parameter.name] = value;
    });
    return { params, ...(sample.body !== undefined && { body: sample.body }) };
  });
}

describe("every operation, through client, signature and gateway to Prism and back", () => {
  it.each(
    contracts.filter(({ id }) => id !== "issue_token").map((contract) => [contract.id, contract] as const),
  )("%s", async (id, contract) => {
    for (const request of requests(contract)) {
      if (contract.body !== undefined) expect(violations(contract.body, request.body)).toEqual([]);
      const { path } = request.params;
      if (path !== undefined && "webhook_id" in path) {
        // Only a test delivery goes out, to loopback; an address of loopback is no `format: url`.
        path["webhook_id"] = await webhookId(id === "test_webhook" ? endpoint : "https://hooks.example.com/");
      }
      const { data, error, response } = await client[contract.method](contract.path, request);
      const record = sandbox.requests.at(-1);
      const schema = contract.answers.get(response.status);
      const wrong = error === undefined && schema !== undefined ? violations(schema, data) : [];
      const good = error === undefined && wrong.length === 0 && record?.signature?.verified === true;
      rows.push({
        operation: `${id} (${contract.method} ${contract.path})`,
        request: `${record?.url} ${request.body === undefined ? "" : `\`${record?.body.slice(0, 120).replaceAll("|", "\\|")}\``}`,
        answer: `${response.status} ${schema === undefined ? "no body" : "JSON"}`,
        verdict: good ? "as described" : (error?.message ?? wrong.join("; ")),
      });
      expect(error).toBeUndefined();
      expect(record).toMatchObject({ operationId: id, signature: { verified: true } });
      expect([...contract.answers.keys()]).toContain(response.status);
      if (schema === undefined) expect(data).toBeUndefined();
      else expect(wrong).toEqual([]);
    }
  });

  it("issue_token", async () => {
    const { clientId, clientSecret } = sandbox.credentials;
    const body = {
      client_id: clientId,
      client_secret: clientSecret,
      grant_type: "client_credentials",
      scope: "users:read",
    };
    const { data, error, response } = await client.POST("/auth/token", { body });
    expect(error).toBeUndefined();
    const schema = contracts.find(({ id }) => id === "issue_token")?.answers.get(200);
    expect(violations(schema, data)).toEqual([]);
    expect(data).toMatchObject({ token_type: "bearer", scope: "users:read" });
    rows.push({
      operation: "issue_token (POST /auth/token)",
      request: "form",
      answer: `${response.status} JSON`,
      verdict: "as described",
    });
  });

  it("is every operation that the description has", () => {
    expect(new Set(rows.map(({ operation }) => operation)).size).toBe(contracts.length);
  });
});
