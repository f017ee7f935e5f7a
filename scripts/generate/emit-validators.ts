/**
 * `generated/validators.js`: checks an event against the description, with nothing but plain rules and a small checker: no
 * library, and no code made at run time, which some platforms forbid.
 */
import { Ajv } from "ajv";
import { fastFormats } from "ajv-formats/dist/formats.js";
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { emitRules } from "./emit-rules.js";
import type { DescribedEvent } from "./events.js";
import { compareText, objectAt, type JsonObject } from "./json.js";
import { DEFINITIONS, ENVELOPE, formatsIn, validationView } from "./validation-view.js";

/** The formats that are checked. All others (`ISO4217`, `int32`) are notes to the reader. */
const FORMATS = ["date", "time", "date-time", "duration", "uuid", "email", "uri", "ipv4"] as const;

export async function emitValidators(
  document: JsonObject,
  events: readonly DescribedEvent[],
): Promise<string> {
  const view = validationView(document, events);
  refuseBroken(view);
  return await bundle(
    [
      `import { createCheck } from "./checker.js";`,
      `const check = createCheck(${emitFormats(view)});`,
      emitRules(objectAt(view, "$defs") ?? {}),
      emitEntry(events),
    ].join("\n"),
  );
}

/** A pattern that is none, a type that does not exist: ajv says where. */
function refuseBroken(view: JsonObject): void {
  const ajv = new Ajv({ strict: false, logger: false, validateFormats: false });
  ajv.addSchema(view);
  for (const name of Object.keys(objectAt(view, "$defs") ?? {})) {
    ajv.getSchema(`events${DEFINITIONS}${name}`);
  }
}

function emitFormats(view: JsonObject): string {
  const used = [...formatsIn(view)].toSorted(compareText).flatMap((format) => {
    const known = FORMATS.find((name) => name === format);
    const found = known && fastFormats[known];
    const form = typeof found === "object" && "validate" in found ? found.validate : found;
    return form instanceof RegExp ? [`${JSON.stringify(format)}:${form}`] : [];
  });
  return `{${used.join(",")}}`;
}

const emitEntry = (events: readonly DescribedEvent[]): string => `
const byType = new Map();
for (const [rule, types] of [
${events
  .toSorted((a, b) => compareText(a.name, b.name))
  .map(({ name, types }) => `  [rules.${name}, ${JSON.stringify(types)}],`)
  .join("\n")}
]) {
  for (const type of types) byType.set(type, [...(byType.get(type) ?? []), rule]);
}

export function validateEvent(event) {
  let errors;
  for (const rule of byType.get(event?.type) ?? [rules.${ENVELOPE}]) {
    const problems = [];
    if (check(rule, event, "", problems)) return { valid: true };
    errors ??= problems;
  }
  return { valid: false, errors };
}
`;

/** One file out of the rules and the checker. */
async function bundle(contents: string): Promise<string> {
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  const result = await build({
    stdin: { contents, resolveDir, sourcefile: "rules.js" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "neutral",
    target: "es2022",
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
