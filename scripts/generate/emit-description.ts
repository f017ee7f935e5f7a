/** `generated/description.ts`: the corrected description as OpenAPI 3.1, for the mock server. */
import type { JsonObject } from "./json.js";
import { withoutTexts } from "./without-texts.js";

/** Parsed out of a text: engines read JSON faster than the same object written as code, and compilers do not check it. */
export function emitDescription(document: JsonObject): string {
  const text = JSON.stringify(withoutTexts(document))
    .replaceAll("\\", "\\\\")
    .replaceAll("'", "\\'")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  return `/**
 * The API description, corrected and brought to OpenAPI 3.1, with every header and every rule in it, and without the texts
 * that only people read.
 */
export const description: Readonly<Record<string, unknown>> = /* @__PURE__ */ JSON.parse(
  '${text}',
);
`;
}
