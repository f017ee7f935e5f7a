/** The steps in their order; each is a file of its own. Nothing is written here. */
import { banner } from "./banner.js";
import { check } from "./check.js";
import { correct, type Correction } from "./correct.js";
import { emitDescription } from "./emit-description.js";
import { emitEvents } from "./emit-events.js";
import { emitModels } from "./emit-models.js";
import { emitOperations } from "./emit-operations.js";
import { emitSchema } from "./emit-schema.js";
import { emitValidators, VALIDATOR_TYPES } from "./emit-validators.js";
import { describedEvents } from "./events.js";
import { InputError } from "./input-error.js";
import { name } from "./name.js";
import { normalise } from "./normalise.js";
import { readObject } from "./read.js";

export interface Generated {
  /** The text of each file, by its name. */
  readonly files: ReadonlyMap<string, string>;
  readonly corrections: readonly Correction[];
}

/**
 * @param spec the API description, OpenAPI 3.x in YAML or JSON
 * @param overlay the corrections to it, OpenAPI Overlay 1.0
 * @returns every generated file, the same for the same input. Throws `InputError` where an input is at fault.
 */
export async function generate(spec: string, overlay: string): Promise<Generated> {
  const [original, corrections] = await Promise.all([readObject(spec), readObject(overlay)]);
  const corrected = correct(original, corrections, overlay);
  check(corrected.description, spec);
  const document = name(normalise(corrected.description), spec);

  const events = describedEvents(document);
  const { schema, validators } = await inputFault(spec, async () => ({
    schema: await emitSchema(document),
    validators: await emitValidators(document, events),
  }));
  const texts: [string, string][] = [
    ["description.ts", emitDescription(document)],
    ["events.ts", emitEvents(events)],
    ["models.ts", emitModels(schema.names)],
    ["operations.ts", emitOperations(document)],
    ["schema.d.ts", schema.text],
    ["validators.d.ts", VALIDATOR_TYPES],
    ["validators.js", validators],
  ];
  const head = banner(document);
  return {
    files: new Map(texts.map(([file, text]) => [file, `${head}\n${text}`])),
    corrections: corrected.corrections,
  };
}

/** openapi-typescript and ajv read schemas too; what they refuse is wrong in the description. */
async function inputFault<Result>(spec: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new InputError(spec, "", error instanceof Error ? error.message : String(error));
  }
}
