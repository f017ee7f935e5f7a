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
    load: { filter: { id: SOURCE }, handler: () => unpacking(pack(JSON.stringify(description))) },
  };
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
