import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { description } from "../../generated/description.js";
import type { Json } from "./description.js";

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
addFormats.default(ajv);
// The publisher's file names it; ajv does not know it.
ajv.addFormat("ISO4217", /^[A-Z]{3}$/);

/** Local references reach into the components of the description, so these go along with each schema. */
const anchored = (schema: unknown): Json => ({ ...(schema as Json), components: description["components"] });

/** What is wrong with a value, one line each; none: it fits. */
export function violations(schema: unknown, value: unknown): readonly string[] {
  const validate = ajv.compile(anchored(schema));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }: ErrorObject) =>
      `${instancePath || "/"} ${message} ${JSON.stringify(params)}`,
  );
}
