/** What the package may hold and weigh: every number of the size check stands here. */

const entries = ["download", "index", "redis", "undici", "webhooks"] as const;
/** What entries share, or load when it is wanted. */
const chunks = [
  "attempts",
  "base",
  "operations",
  "pages",
  "pipeline",
  "shared",
  "signature",
  "verify",
] as const;

const javascript = (directory: string, names: readonly string[]): string[] =>
  names.map((name) => `dist/${directory}/${name}.js`);
const declarations = (directory: string, names: readonly string[]): string[] =>
  names.map((name) => `dist/${directory}/${name}.d.ts`);

/** Test vectors, for teams in other languages. Their private keys are published ones, made for tests. */
export const VECTORS = "test/vectors/";
const vectors = [
  "base64",
  "containers",
  "deliveries",
  "digests",
  "keys",
  "requests",
  "rfc6979-p521",
  "rfc9421-b26",
];

/** The files of the tarball, exactly. A new one is added here on purpose or not at all. */
export const FILES: readonly string[] = [
  "CHANGELOG.md",
  "LICENSE",
  "NOTICE",
  "README.md",
  "package.json",
  "dist/cjs/package.json",
  ...javascript("cjs", [
    ...entries,
    ...chunks,
    "description",
    "endpoint",
    "inspector",
    "proxy",
    "recent",
    "sandbox",
    "signature-fields",
    "validators",
  ]),
  ...javascript("esm", [...entries, ...chunks, "cli", "sandbox"]),
  ...declarations("cjs", [...entries, "sandbox", "schema", "types"]),
  ...declarations("esm", [...entries, "sandbox"]),
  `${VECTORS}README.md`,
  ...vectors.map((name) => `${VECTORS}${name}.json`),
];

/** Bytes: what no release may pass, and where it is meant to get. */
export interface Budget {
  readonly limit: number;
  readonly goal: number;
}

/** The packed tarball. */
export const TARBALL: Budget = { limit: 250_000, goal: 150_000 };

/** An entry as a bundler takes it: minified, gzipped, without the dependencies that it does not load at once. */
export const ENTRIES: Readonly<Record<(typeof entries)[number], Budget>> = {
  index: { limit: 26_700, goal: 11_000 },
  webhooks: { limit: 13_000, goal: 6_000 },
  download: { limit: 9_000, goal: 8_000 },
  redis: { limit: 7_500, goal: 6_000 },
  undici: { limit: 3_000, goal: 3_000 },
};

/** gzip looks back 32 kB: of a file longer than this the tarball carries the second form in full. */
export const TWIN_LIMIT = 32_000;
