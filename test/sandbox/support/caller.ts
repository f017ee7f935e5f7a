import { createHash, createPrivateKey, randomUUID, sign as signBytes, type KeyObject } from "node:crypto";
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { Sandbox } from "upvest-client/sandbox";

/**
 * A caller with nothing but Node: it signs by its own reading of the Upvest docs, shares no code with the client or
 * with the sandbox, and lets a test bend everything that is signed or sent.
 */
export interface Wire {
  readonly method: string;
  /** Path and query, as on the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that are sent once per value, in place of the ones in `headers`. */
  readonly repeated?: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface SignOptions {
  readonly created?: number;
  readonly expires?: number;
  readonly nonce?: string;
  readonly keyId?: string;
  readonly components?: readonly string[];
  readonly label?: string;
  /** Put after the four usual parameters. */
  readonly extra?: string;
  readonly key?: KeyObject;
  readonly dsaEncoding?: "der" | "ieee-p1363";
}

export interface CallOptions extends SignOptions {
  readonly token?: string;
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string;
}

export interface Caller {
  /** A complete, signed request, not yet sent. */
  readonly build: (method: string, target: string, options?: CallOptions) => Wire;
  readonly send: (wire: Wire) => Promise<Reply>;
  readonly call: (method: string, target: string, options?: CallOptions) => Promise<Reply>;
  /** Gets an access token. */
  readonly token: (scope: string) => Promise<string>;
  readonly tokenRequest: (fields: Readonly<Record<string, string>>, options?: CallOptions) => Promise<Reply>;
  readonly sign: (wire: Wire, options?: SignOptions) => Wire;
  readonly close: () => void;
}

export function createCaller(sandbox: Sandbox, clock: () => number = Date.now): Caller {
  const { clientId, clientSecret, signingKey } = sandbox.credentials;
  const ours = createPrivateKey(signingKey.privateKey);
  const agent = new Agent({ keepAlive: true });

  const sign = (wire: Wire, options: SignOptions = {}): Wire => {
    const created = options.created ?? Math.floor(clock() / 1000);
    const expires = options.expires ?? created + 30;
    const components = options.components ?? coverOf(wire);
    const names = components.map((name) => `"${name}"`).join(" ");
    const nonce = options.nonce ?? randomUUID();
    const keyId = options.keyId ?? signingKey.keyId;
    const params = `(${names});keyid="${keyId}";created=${created};expires=${expires};nonce="${nonce}"${options.extra ?? ""}`;
    const lines = components.map((name) => `"${name}": ${valueOf(wire, name)}`);
    const base = Buffer.from([...lines, `"@signature-params": ${params}`].join("\n"));
    const key = options.key ?? ours;
    const signature =
      key.asymmetricKeyType === "ed25519"
        ? signBytes(null, base, key)
        : signBytes("sha512", base, { key, dsaEncoding: options.dsaEncoding ?? "der" });
    const label = options.label ?? "sig1";
    return {
      ...wire,
      headers: {
        ...wire.headers,
        "signature-input": `${label}=${params}`,
        signature: `${label}=:${signature.toString("base64")}:`,
      },
    };
  };

  const build = (method: string, target: string, options: CallOptions = {}): Wire => {
    const body = options.body ?? (options.json === undefined ? "" : JSON.stringify(options.json));
    const headers: Record<string, string> = {
      accept: "application/json",
      "upvest-client-id": clientId,
      "upvest-api-version": "1",
      "upvest-signature-version": "15",
    };
    if (options.token !== undefined) headers["authorization"] = `Bearer ${options.token}`;
    if (options.idempotencyKey !== undefined) headers["idempotency-key"] = options.idempotencyKey;
    if (body !== "") {
      headers["content-type"] = "application/json";
      headers["content-length"] = String(Buffer.byteLength(body));
      headers["content-digest"] = digestOf(body);
    }
    return sign({ method, target, headers: { ...headers, ...options.headers }, body }, options);
  };

  const send = (wire: Wire): Promise<Reply> => exchange(sandbox.url, wire, agent);
  const tokenRequest: Caller["tokenRequest"] = (fields, options = {}) =>
    send(
      build("POST", "/auth/token", {
        body: new URLSearchParams(fields).toString(),
        ...options,
        headers: { "content-type": "application/x-www-form-urlencoded", ...options.headers },
      }),
    );
  return {
    build,
    send,
    sign,
    tokenRequest,
    call: (method, target, options) => send(build(method, target, options)),
    token: async (scope) => {
      const fields = {
        client_id: clientId,
        client_secret: clientSecret,
        grant_type: "client_credentials",
        scope,
      };
      const reply = await tokenRequest(fields);
      return String(reply.json["access_token"]);
    },
    close: () => agent.destroy(),
  };
}

export function digestOf(body: string): string {
  return `sha-512=:${createHash("sha512").update(body).digest("base64")}:`;
}

const ORDER = [
  "accept",
  "authorization",
  "content-length",
  "content-type",
  "content-digest",
  "idempotency-key",
  "upvest-api-version",
  "upvest-client-id",
];

export function coverOf({ target, headers }: Wire): readonly string[] {
  const query = target.indexOf("?") >= 0 && !target.endsWith("?");
  return [
    "@method",
    "@path",
    ...(query ? ["@query"] : []),
    ...ORDER.filter((name) => headers[name] !== undefined),
  ];
}

function valueOf({ method, target, headers }: Wire, name: string): string {
  const [path = "", ...query] = target.split("?");
  if (name === "@method") return method;
  if (name === "@path") return path;
  if (name === "@query") return `?${query.join("?")}`;
  return headers[name] ?? "";
}

/** Sends exactly what is in the wire. Rejects when the connection ends before the answer does. */
export function exchange(url: string, wire: Wire, agent: Agent): Promise<Reply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const { method, target, repeated = {} } = wire;
    const lists = Object.entries(repeated).map(([name, values]) => [name, [...values]]);
    const headers = { ...wire.headers, ...Object.fromEntries(lists) };
    const request = httpRequest({ agent, hostname, port, method, path: target, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const json: unknown = text.startsWith("{") ? JSON.parse(text) : {};
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: Object(json) });
      });
    });
    request.on("error", reject);
    request.end(wire.body);
  });
}
