import { entries, isObject, own, stringAt } from "../generate/json.js";
import { METHODS } from "../generate/operations.js";
import { parseObject } from "../generate/read.js";

const TITLE = "Upvest Investment API";
/** The file of 1.9.0, the oldest known whole, has 94. */
const FEWEST_OPERATIONS = 50;

/** What the head of a description says, once it is known to be one of this API. */
export interface Recognised {
  /** `info.version`. */
  readonly version: string;
  readonly operations: number;
}

/**
 * Makes sure that `text` is a description of this API and not a login page, another API or half a file.
 *
 * @param name what an error calls it
 * Throws an `InputError` for what is no YAML or JSON, an `Error` for the rest.
 */
export function recognise(text: string, name: string): Recognised {
  const document = parseObject(name, text);
  const openapi = stringAt(document, "openapi");
  if (openapi === undefined || !/^3\.\d+\.\d+/.test(openapi)) {
    throw new Error(`${name}: expected an OpenAPI 3.x description, but \`openapi\` is ${shown(openapi)}`);
  }
  const info = own(document, "info");
  const title = stringAt(info, "title")?.trim();
  if (title !== TITLE)
    throw new Error(`${name}: expected the description of "${TITLE}", but its title is ${shown(title)}`);
  const version = stringAt(info, "version");
  if (version === undefined) throw new Error(`${name}: says no version (\`info.version\`)`);
  const operations = entries(own(document, "paths")).flatMap(([, item]) =>
    METHODS.filter((method) => isObject(item) && isObject(own(item, method))),
  ).length;
  if (operations < FEWEST_OPERATIONS) {
    throw new Error(
      `${name}: has ${operations} operations, too few to be whole (at least ${FEWEST_OPERATIONS})`,
    );
  }
  return { version, operations };
}

const shown = (value: string | undefined): string =>
  value === undefined ? "missing" : JSON.stringify(value);
