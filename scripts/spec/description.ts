/** A description made ready for comparing: by the same steps, in the same order, as `generate` takes. */
import { check } from "../generate/check.js";
import { correct } from "../generate/correct.js";
import { describedEvents, type DescribedEvent } from "../generate/events.js";
import { objectAt, own, stringAt, type JsonObject } from "../generate/json.js";
import { name } from "../generate/name.js";
import { normalise } from "../generate/normalise.js";
import { describedOperations, type DescribedOperation } from "../generate/operations.js";
import { namedSchemas } from "../generate/positions.js";
import { readObject } from "../generate/read.js";
import { dereference } from "../generate/references.js";
import { closedEnums } from "../generate/tolerance.js";

export interface Description {
  readonly title: string;
  readonly version: string;
  /** OpenAPI 3.1, each shape a named component: the names are those of our types. */
  readonly document: JsonObject;
  readonly operations: readonly DescribedOperation[];
  readonly events: readonly DescribedEvent[];
  readonly schemas: ReadonlyMap<string, JsonObject>;
  /** The enums that our types keep closed wherever they stand. */
  readonly closed: ReadonlySet<JsonObject>;
  /** The schemas of `type` in each event. */
  readonly eventTypes: ReadonlySet<JsonObject>;
}

/** Throws `InputError` where a file cannot be read or is no sound OpenAPI 3.x description. */
export async function readDescription(file: string, overlayFile: string): Promise<Description> {
  const [original, overlay] = await Promise.all([readObject(file), readObject(overlayFile)]);
  return describe(correct(original, overlay, overlayFile).description, file);
}

/** @param file what an error calls the description */
export function describe(original: JsonObject, file: string): Description {
  check(original, file);
  const document = name(normalise(original), file);
  const info = own(document, "info");
  const schemas = namedSchemas(document);
  const events = describedEvents(document);
  const eventTypes = events.flatMap(({ schema }) => {
    const type = dereference(document, objectAt(objectAt(schema, "properties"), "type"));
    return type === undefined ? [] : [type];
  });
  return {
    title: stringAt(info, "title") ?? "",
    version: stringAt(info, "version") ?? "",
    document,
    operations: describedOperations(document, "paths"),
    events,
    schemas,
    closed: closedEnums(document, schemas.values()),
    eventTypes: new Set(eventTypes),
  };
}
