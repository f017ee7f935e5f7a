/**
 * `generated/validators.js`: checks an event against the description. ajv writes the code here, once; at run time there is
 * neither ajv nor `eval`, which some platforms forbid.
 */
import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { fastFormats } from "ajv-formats/dist/formats.js";
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import type { DescribedEvent } from "./events.js";
import { compareText, type JsonObject } from "./json.js";
import { slimRules } from "./slim-rules.js";
import { DEFINITIONS, ENVELOPE, formatsIn, validationView } from "./validation-view.js";

/** The formats that are checked. All others (`ISO4217`, `int32`) are notes to the reader. */
const FORMATS = ["date", "time", "date-time", "duration", "uuid", "email", "uri", "ipv4"] as const;

export async function emitValidators(
  document: JsonObject,
  events: readonly DescribedEvent[],
): Promise<string> {
  const view = validationView(document, events);
  // The rules use only keywords that mean the same in draft-07 and 2020-12, and ajv's class for the latter would keep
  // books on `unevaluatedProperties` in every function.
  const ajv = new Ajv({
    code: { source: true, esm: true },
    allErrors: true,
    strict: false,
    inlineRefs: false,
    logger: false,
  });
  for (const format of formatsIn(view)) ajv.addFormat(format, pattern(format) ?? true);
  ajv.addSchema(view);
  const exported = [...events.map(({ name }) => name), ENVELOPE].toSorted(compareText);
  const code = standalone.default(
    ajv,
    Object.fromEntries(exported.map((name) => [name, `events${DEFINITIONS}${name}`])),
  );
  return await bundle(slimRules(code), events);
}

/** A format as a regular expression, which ajv can write into the code. */
function pattern(format: string): RegExp | undefined {
  const known = FORMATS.find((name) => name === format);
  const found = known && fastFormats[known];
  if (found instanceof RegExp) return found;
  const validate = typeof found === "object" && "validate" in found ? found.validate : undefined;
  return validate instanceof RegExp ? validate : undefined;
}

const entry = (events: readonly DescribedEvent[]): string => `import * as rules from "rules";

const byType = new Map();
for (const [check, types] of [
${events
  .toSorted((a, b) => compareText(a.name, b.name))
  .map(({ name, types }) => `  [rules.${name}, ${JSON.stringify(types)}],`)
  .join("\n")}
]) {
  for (const type of types) byType.set(type, [...(byType.get(type) ?? []), check]);
}

export function validateEvent(event) {
  let errors;
  for (const check of byType.get(event?.type) ?? [rules.${ENVELOPE}]) {
    if (check(event)) return { valid: true };
    errors ??= check.errors;
  }
  return { valid: false, errors };
}
`;

/** What ajv calls for lengths: JSON Schema counts characters, not UTF-16 units. */
const UCS2_LENGTH = `export default (text) => {
  let length = 0;
  for (const _ of text) length++;
  return length;
};
`;

/** Notes an error as it is reported, in the list that is \`null\` while there is none. */
const NOTE = `export default (errors, path, message) => {
  if (errors === null) return [{ path, message }];
  errors.push({ path, message });
  return errors;
};
`;

/** One file out of the rules, the entry and those helpers of ajv that the rules call. */
async function bundle(rules: string, events: readonly DescribedEvent[]): Promise<string> {
  const resolveDir = fileURLToPath(new URL("../..", import.meta.url));
  const result = await build({
    stdin: { contents: entry(events), resolveDir, sourcefile: "entry.js" },
    plugins: [
      {
        name: "rules",
        setup: (bundler) => {
          bundler.onResolve({ filter: /^(?:rules|note|ajv\/dist\/runtime\/ucs2length)$/ }, ({ path }) => ({
            path,
            namespace: "rules",
            sideEffects: false,
          }));
          bundler.onLoad({ filter: /.*/, namespace: "rules" }, ({ path }) => ({
            contents: path === "rules" ? rules : path === "note" ? NOTE : UCS2_LENGTH,
            resolveDir,
            loader: "js",
          }));
        },
      },
    ],
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    minifySyntax: true,
    legalComments: "none",
    charset: "utf8",
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("the bundler wrote nothing");
  return file.text;
}

/** The types of the file that {@link emitValidators} writes. */
export const VALIDATOR_TYPES = `/** What is wrong with one value in an event: \`path\` is its JSON pointer, empty for the event itself. */
export interface EventProblem {
  readonly path: string;
  readonly message: string;
}

export type EventValidation =
  | { readonly valid: true }
  | { readonly valid: false; readonly errors: readonly EventProblem[] };

/**
 * Checks an event against the description of its \`type\`. Fields, enum values and union members that the description does not
 * know are accepted; of an event of an unknown type only what all events have in common is checked. Never throws.
 */
export function validateEvent(event: unknown): EventValidation;
`;
