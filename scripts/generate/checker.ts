/**
 * Goes into `generated/validators.js`: checks a value against the keywords that validation-view.ts lets through, and reports
 * in the words of ajv. The rules are plain objects, a tenth of the size of what ajv writes as code for them.
 */

/** A schema whose references have been replaced by what they lead to. */
export interface Rule {
  readonly $ref?: () => Rule;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly not?: Rule;
  readonly anyOf?: readonly Rule[];
  readonly oneOf?: readonly Rule[];
  readonly allOf?: readonly Rule[];
  readonly maximum?: number;
  readonly minimum?: number;
  readonly exclusiveMaximum?: number;
  readonly exclusiveMinimum?: number;
  readonly multipleOf?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly maxItems?: number;
  readonly minItems?: number;
  readonly uniqueItems?: boolean;
  readonly items?: Rule;
  readonly maxProperties?: number;
  readonly minProperties?: number;
  readonly required?: readonly string[];
  readonly additionalProperties?: Rule | boolean;
  readonly properties?: Readonly<Record<string, Rule>>;
  readonly patternProperties?: Readonly<Record<string, Rule>>;
}

export interface Problem {
  readonly path: string;
  readonly message: string;
}

type Members = Readonly<Record<string, unknown>>;
type Note = (message: string) => void;
/** Whether a value fits a rule; what does not is noted, with its path. */
type Check = (rule: Rule | boolean, value: unknown, path: string, problems: Problem[]) => boolean;

/** @param formats what a text of a format looks like; a format that is not among them is a note to the reader */
export function createCheck(formats: Readonly<Record<string, RegExp>>): Check {
  const patterns = new Map<string, RegExp>();
  const matches = (pattern: string, text: string): boolean => {
    const known = patterns.get(pattern) ?? new RegExp(pattern, "u");
    patterns.set(pattern, known);
    return known.test(text);
  };

  const check: Check = (rule, value, path, problems) => {
    if (typeof rule === "boolean") {
      if (!rule) problems.push({ path, message: "boolean schema is false" });
      return rule;
    }
    const before = problems.length;
    const note: Note = (message) => problems.push({ path, message });
    const types = rule.type === undefined ? [] : [rule.type].flat();
    const right = types.length === 0 || types.some((type) => is[type]?.(value) ?? false);
    const wrong = `must be ${types.join(",")}`;
    const late = types.length === 1 && LATE[types[0] ?? ""]?.some((keyword) => keyword in rule) === true;
    if (!right && !late) note(wrong);
    if (typeof value === "number" && Number.isFinite(value)) checkNumber(rule, value, note);
    if (typeof value === "string") checkText(rule, value, note);
    checkAny(rule, value, path, problems);
    if (!right && late) note(wrong);
    if (Array.isArray(value)) checkItems(rule, value, path, problems);
    else if (is["object"]?.(value) === true) checkMembers(rule, value as Members, path, problems);
    return problems.length === before;
  };

  function checkText(rule: Rule, value: string, note: Note): void {
    // JSON Schema counts characters, not UTF-16 units.
    const length =
      rule.maxLength === undefined && rule.minLength === undefined ? 0 : Array.from(value).length;
    if (length > (rule.maxLength ?? Infinity)) note(`must NOT have more than ${rule.maxLength} characters`);
    if (length < (rule.minLength ?? 0)) note(`must NOT have fewer than ${rule.minLength} characters`);
    const { pattern, format } = rule;
    if (pattern !== undefined && !matches(pattern, value)) note(`must match pattern "${pattern}"`);
    const form = format === undefined ? undefined : formats[format];
    if (form !== undefined && !form.test(value)) note(`must match format "${format}"`);
  }

  function checkAny(rule: Rule, value: unknown, path: string, problems: Problem[]): void {
    const note: Note = (message) => problems.push({ path, message });
    if (rule.$ref !== undefined) check(rule.$ref(), value, path, problems);
    if ("const" in rule && !equal(rule.const, value)) note("must be equal to constant");
    if (rule.enum !== undefined && !rule.enum.some((one) => equal(one, value))) {
      note("must be equal to one of the allowed values");
    }
    if (rule.not !== undefined && check(rule.not, value, path, [])) note("must NOT be valid");
    for (const [alternatives, needed] of [
      [rule.anyOf, "a schema in anyOf"],
      [rule.oneOf, "exactly one schema in oneOf"],
    ] as const) {
      if (alternatives === undefined) continue;
      const found: Problem[] = [];
      const fitting = alternatives.filter((one) => check(one, value, path, found)).length;
      if (fitting === 1 || (fitting > 1 && alternatives === rule.anyOf)) continue;
      problems.push(...found);
      note(`must match ${needed}`);
    }
    for (const one of rule.allOf ?? []) check(one, value, path, problems);
  }

  function checkItems(rule: Rule, value: readonly unknown[], path: string, problems: Problem[]): void {
    const note: Note = (message) => problems.push({ path, message });
    if (value.length > (rule.maxItems ?? Infinity)) note(`must NOT have more than ${rule.maxItems} items`);
    if (value.length < (rule.minItems ?? 0)) note(`must NOT have fewer than ${rule.minItems} items`);
    if (rule.uniqueItems === true && value.some((one, at) => firstEqual(value, one) < at)) {
      note("must NOT have duplicate items");
    }
    const { items } = rule;
    if (items !== undefined) value.forEach((one, at) => check(items, one, `${path}/${at}`, problems));
  }

  function checkMembers(rule: Rule, value: Members, path: string, problems: Problem[]): void {
    const note: Note = (message) => problems.push({ path, message });
    const names = Object.keys(value);
    if (names.length > (rule.maxProperties ?? Infinity)) {
      note(`must NOT have more than ${rule.maxProperties} properties`);
    }
    if (names.length < (rule.minProperties ?? 0)) {
      note(`must NOT have fewer than ${rule.minProperties} properties`);
    }
    const has = (name: string): boolean => Object.hasOwn(value, name) && value[name] !== undefined;
    for (const name of rule.required ?? []) if (!has(name)) note(`must have required property '${name}'`);
    const { properties = {}, patternProperties = {}, additionalProperties } = rule;
    const within = (one: Rule | boolean, name: string): boolean =>
      check(one, value[name], `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, problems);
    if (additionalProperties !== undefined) {
      for (const name of names) {
        if (Object.hasOwn(properties, name)) continue;
        if (!Object.keys(patternProperties).some((one) => matches(one, name)))
          within(additionalProperties, name);
      }
    }
    for (const [name, one] of Object.entries(properties)) if (has(name)) within(one, name);
    for (const [pattern, one] of Object.entries(patternProperties)) {
      for (const name of names) if (matches(pattern, name)) within(one, name);
    }
  }

  return check;
}

const is: Readonly<Record<string, (value: unknown) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
  string: (value) => typeof value === "string",
  number: (value) => Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  array: Array.isArray,
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** The types that ajv checks after the keywords for all types, where a rule has these beside its type. */
const LATE: Readonly<Record<string, readonly string[]>> = {
  array: ["maxItems", "minItems", "uniqueItems", "items"],
  object: [
    "maxProperties",
    "minProperties",
    "required",
    "additionalProperties",
    "properties",
    "patternProperties",
  ],
};

function checkNumber(rule: Rule, value: number, note: Note): void {
  const { maximum, minimum, exclusiveMaximum, exclusiveMinimum, multipleOf } = rule;
  if (maximum !== undefined && value > maximum) note(`must be <= ${maximum}`);
  if (minimum !== undefined && value < minimum) note(`must be >= ${minimum}`);
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) note(`must be < ${exclusiveMaximum}`);
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) note(`must be > ${exclusiveMinimum}`);
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    note(`must be multiple of ${multipleOf}`);
  }
}

const firstEqual = (values: readonly unknown[], value: unknown): number =>
  values.findIndex((one) => equal(one, value));

/** Whether two JSON values are the same; the order of members does not count. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal((a as Members)[name], (b as Members)[name]))
  );
}
