/** A JSON Schema as JavaScript: what occurs often is written once, and references lead to what they mean. */
import { entries, isArray, isObject, type Json, type JsonObject } from "./json.js";
import { DEFINITIONS } from "./validation-view.js";

/** Shorter texts than this are not worth a name. */
const WORTH = 24;

/**
 * `const` declarations for the definitions of a view, each under its name in `rules`, with what they share before them.
 * @returns code that declares `rules`
 */
export function emitRules(definitions: JsonObject): string {
  const counts = new Map<string, number>();
  for (const [, schema] of entries(definitions)) count(schema, counts);
  const names = new Map<string, string>();
  const declared: string[] = [];
  const write = (value: Json): string => {
    if (isArray(value)) return `[${value.map(write).join(",")}]`;
    if (!isObject(value)) return JSON.stringify(value);
    const text = JSON.stringify(value);
    const known = names.get(text);
    if (known !== undefined) return known;
    const written = `{${entries(value)
      .map(([key, member]) =>
        key === "$ref" && typeof member === "string"
          ? `$ref:()=>rules[${JSON.stringify(member.slice(DEFINITIONS.length))}]`
          : `${keyOf(key)}:${write(member)}`,
      )
      .join(",")}}`;
    if ((counts.get(text) ?? 0) < 2 || written.length < WORTH) return written;
    const name = `r${names.size}`;
    names.set(text, name);
    declared.push(`const ${name}=${written};`);
    return name;
  };
  const members = entries(definitions).map(([key, schema]) => `${keyOf(key)}:${write(schema)}`);
  return `${declared.join("\n")}\nconst rules={\n${members.join(",\n")}\n};\n`;
}

function count(value: Json, counts: Map<string, number>): void {
  if (isArray(value)) for (const item of value) count(item, counts);
  if (!isObject(value)) return;
  const text = JSON.stringify(value);
  const seen = counts.get(text) ?? 0;
  counts.set(text, seen + 1);
  // What is inside of something that gets a name is written once with it.
  if (seen === 0) for (const [, member] of entries(value)) count(member, counts);
}

/** A name that would set the prototype of a literal is a member like any other. */
const keyOf = (key: string): string =>
  key === "__proto__"
    ? '["__proto__"]'
    : /^[A-Za-z_$][\w$]*$/.test(key) || /^\d{1,9}$/.test(key)
      ? key
      : JSON.stringify(key);
