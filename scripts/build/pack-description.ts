import { constants, brotliCompressSync } from "node:zlib";
import type { Rolldown } from "tsdown";
import { description } from "../../generated/description.js";

const SOURCE = /generated\/description\.ts$/;

/**
 * The description of the sandbox, which only the sandbox reads, is published compressed: it is a third of what gzip makes of
 * it in the tarball, and less than a tenth of what it is on disk.
 */
export function packDescription(): Rolldown.Plugin {
  return {
    name: "pack-description",
    load: { filter: { id: SOURCE }, handler: () => unpacking(pack(JSON.stringify(needed(description)))) },
  };
}

type Json = Readonly<Record<string, unknown>>;
const record = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
const each = (of: unknown, change: (value: Json) => Json): Json =>
  Object.fromEntries(Object.entries(record(of)).map(([name, value]) => [name, change(record(value))]));
const without = (of: Json, ...names: readonly string[]): Json =>
  Object.fromEntries(Object.entries(of).filter(([name]) => !names.includes(name)));

/**
 * What the sandbox reads of the description: of webhooks the examples, of request bodies the schemas, and of components those
 * that something refers to.
 */
export function needed(document: Json): Json {
  const bodies = (operation: Json, ...names: readonly string[]): Json => {
    const body = record(operation["requestBody"]);
    const content = each(body["content"], (media) => without(media, ...names));
    return "content" in body ? { ...operation, requestBody: { ...body, content } } : operation;
  };
  const paths = each(document["paths"], (methods) =>
    each(methods, (operation) =>
      // Beside methods a path may have parameters.
      "responses" in operation
        ? without(bodies(operation, "example", "examples"), "x-provenance")
        : operation,
    ),
  );
  const webhooks = each(document["webhooks"], ({ post }) => {
    const { requestBody } = bodies(record(post), "schema");
    return { post: { requestBody } };
  });
  return withoutUnused({ ...document, paths, webhooks });
}

function withoutUnused(document: Json): Json {
  const text = JSON.stringify(document);
  const components = Object.fromEntries(
    Object.entries(record(document["components"])).map(([kind, of]) => {
      // Security schemes are named without a reference.
      const isUsed = (name: string): boolean =>
        kind === "securitySchemes" || text.includes(JSON.stringify(`#/components/${kind}/${name}`));
      return [kind, Object.fromEntries(Object.entries(record(of)).filter(([name]) => isUsed(name)))];
    }),
  );
  const less = { ...document, components };
  return JSON.stringify(less).length === text.length ? less : withoutUnused(less);
}

function pack(text: string): string {
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  };
  return brotliCompressSync(text, { params }).toString("base64");
}

const unpacking = (packed: string): string => `import { brotliDecompressSync } from "node:zlib";
const packed = "${packed}";
export const description = JSON.parse(brotliDecompressSync(Buffer.from(packed, "base64")).toString());
`;
