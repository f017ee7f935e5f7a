import type { Algorithm, Cryptography } from "./plan.js";

/** A runtime in one of its forms. */
export interface Runtime {
  readonly name: string;
  /** The program, below programs/node_modules. */
  readonly program: string;
  /** How it says which version it is; its answer must hold what the script reports. */
  readonly versionArguments: readonly string[];
  /** `esm`: import; `cjs`: require; `worker`: one bundle, served by workerd. */
  readonly form: "esm" | "cjs" | "worker";
  /** Which of the files in subject/ is started. */
  readonly entry: string;
  /** What stands before the file. */
  readonly arguments?: (given: { readonly keyFile: string }) => readonly string[];
  /**
   * Compatibility of a worker: its date and flags. `tellsDrops`: a promise of a request that has ended rejects, where it would
   * stay open for ever before 2024-10-14.
   */
  readonly worker?: {
    readonly date: string;
    readonly flags: readonly string[];
    readonly tellsDrops: boolean;
  };
  /** Its fetch sends a request again, unasked, when a connection that it had kept closes without an answer. */
  readonly resends?: boolean;
  /** What must sign here. */
  readonly crypto: Readonly<Record<Algorithm, Cryptography>>;
}

const all = (cryptography: Cryptography): Runtime["crypto"] => ({
  ed25519: cryptography,
  "ecdsa-p521": cryptography,
});

const node = (alias: string): Pick<Runtime, "program" | "versionArguments"> => ({
  program: `${alias}/bin/node`,
  versionArguments: ["--version"],
});

const nodes = [
  ["Node 20, the oldest", "node20-floor"],
  ["Node 20", "node20"],
  ["Node 22", "node22"],
  ["Node 24", "node24"],
  ["Node 26", "node26"],
] as const;

/** The environment variables that `fromEnv` reads: a permission of Deno names each thing that a program may read. */
export const variables = [
  "UPVEST_API_BASE_URL",
  "UPVEST_API_CLIENT_ID",
  "UPVEST_API_CLIENT_SECRET",
  "UPVEST_API_KEY_ID",
  "UPVEST_API_SCOPES",
  "UPVEST_API_HTTP_SIGN_PRIVATE_KEY",
  "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME",
  "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_BASE64",
  "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE",
] as const;

/** What the package needs, and what the script adds to it: a server on loopback. */
const denoArguments = ({ keyFile }: { readonly keyFile: string }): readonly string[] => [
  "run",
  "--no-prompt",
  "--allow-net=127.0.0.1",
  `--allow-env=${variables.join(",")}`,
  `--allow-read=${keyFile}`,
];

const workerd = {
  program: "@cloudflare/workerd-linux-64/bin/workerd",
  versionArguments: ["--version"],
  form: "worker",
  entry: "worker",
} as const;

export const runtimes: readonly Runtime[] = [
  ...nodes.flatMap(([name, alias]): Runtime[] => [
    { ...node(alias), name, form: "esm", entry: "node", crypto: all("node:crypto") },
    { ...node(alias), name: `${name}, require`, form: "cjs", entry: "node", crypto: all("node:crypto") },
  ]),
  ...(["node20-floor", "node26"] as const).flatMap((alias): Runtime[] => [
    {
      ...node(alias),
      name: `${alias === "node26" ? "Node 26" : "Node 20, the oldest"}, WebCrypto only`,
      form: "esm",
      entry: "node-webcrypto",
      crypto: all("WebCrypto"),
    },
    {
      ...node(alias),
      name: `${alias === "node26" ? "Node 26" : "Node 20, the oldest"}, noble`,
      form: "esm",
      entry: "node-noble",
      crypto: { ed25519: "noble", "ecdsa-p521": "WebCrypto" },
    },
  ]),
  {
    name: "Bun",
    program: "@oven/bun-linux-x64-baseline/bin/bun",
    versionArguments: ["--version"],
    form: "esm",
    entry: "bun",
    crypto: all("node:crypto"),
  },
  {
    name: "Deno",
    program: "@deno/linux-x64-glibc/deno",
    versionArguments: ["--version"],
    form: "esm",
    entry: "deno",
    arguments: denoArguments,
    resends: true,
    crypto: all("node:crypto"),
  },
  {
    ...workerd,
    name: "workerd",
    worker: { date: "2026-11-17", flags: [], tellsDrops: true },
    crypto: all("node:crypto"),
  },
  {
    ...workerd,
    name: "workerd, without Node",
    worker: { date: "2026-11-17", flags: ["no_nodejs_compat", "no_nodejs_compat_v2"], tellsDrops: true },
    crypto: all("WebCrypto"),
  },
  {
    ...workerd,
    name: "workerd as of 2022-11-30",
    worker: { date: "2022-11-30", flags: [], tellsDrops: false },
    crypto: all("WebCrypto"),
  },
];
