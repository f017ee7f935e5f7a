/**
 * What the client cannot do yet: an operation that asks for it is refused, because its calls would leave something out or
 * send it in another form. Either the client learns it, or an action of the overlay takes it out.
 */
import type { InputError } from "./input-error.js";
import {
  arrayAt,
  entries,
  isObject,
  objectAt,
  own,
  pointerTo,
  stringAt,
  stringsAt,
  type Json,
  type JsonObject,
} from "./json.js";
import { contentOf, sentMedia } from "./operations.js";
import { plainMedia } from "./normalise.js";
import { dereference } from "./references.js";
import { typesOf } from "./schema.js";

type Fail = (pointer: string, reason: string) => InputError;

/** @param owner a path item, or one of its operations */
export function checkCalls(document: JsonObject, owner: JsonObject, pointer: string, fail: Fail): void {
  if (arrayAt(owner, "servers").length > 0) {
    throw fail(pointerTo(pointer, "servers"), "the client sends all operations to one server");
  }
  for (const [index, entry] of arrayAt(owner, "parameters").entries()) {
    const reason = unwritable(document, dereference(document, entry) ?? {});
    if (reason !== undefined) throw fail(pointerTo(pointer, "parameters", index), reason);
  }
  const media = contentOf(dereference(document, own(owner, "requestBody"))).map(([name]) => plainMedia(name));
  if (media.length > 0 && sentMedia(media) === undefined) {
    throw fail(pointerTo(pointer, "requestBody"), `the client sends JSON and forms, not ${media.join(", ")}`);
  }
}

/** How parameters are written: src/bindings.ts and src/path.ts. */
function unwritable(document: JsonObject, parameter: JsonObject): string | undefined {
  const place = stringAt(parameter, "in");
  const style = stringAt(parameter, "style");
  const kinds = kindsOf(document, own(parameter, "schema"));
  if (place === "cookie" && own(parameter, "required") === true) return "the client sends no cookies";
  if (place === "path" && (style ?? "simple") !== "simple") return `the client writes no style "${style}"`;
  if (place !== "query") return undefined;
  if (contentOf(parameter).length > 0) return "the client writes no media types into a query";
  if (kinds.has("array") && ((style ?? "form") !== "form" || own(parameter, "explode") === false)) {
    return 'the client writes a list in a query as "name=a&name=b": style form, exploded';
  }
  if (kinds.has("object") && style !== "deepObject") {
    return 'the client writes an object in a query as "name[member]=a": style deepObject';
  }
  return undefined;
}

/** `array` and `object`, as far as a value may be one. */
function kindsOf(document: JsonObject, site: Json | undefined, seen = new Set<JsonObject>()): Set<Json> {
  const schema = dereference(document, site);
  if (schema === undefined || seen.has(schema)) return new Set();
  seen.add(schema);
  const parts = ["oneOf", "anyOf", "allOf"].flatMap((key) => arrayAt(schema, key));
  return new Set([...typesOf(schema), ...parts.flatMap((part) => [...kindsOf(document, part, seen)])]);
}

/** The ways that a call may be authorised in: one of them must be an access token for some scope, or nothing at all. */
export function checkAccess(document: JsonObject, operation: JsonObject, pointer: string, fail: Fail): void {
  const owner = own(operation, "security") === undefined ? document : operation;
  const ways = arrayAt(owner, "security").filter(isObject);
  if (ways.length === 0 || ways.some((way) => entries(way).length === 0)) return;
  const schemes = objectAt(objectAt(document, "components"), "securitySchemes") ?? {};
  const byToken = ways.filter((way) =>
    entries(way).every(([name]) => bearsToken(dereference(document, own(schemes, name)))),
  );
  const at = pointerTo(owner === document ? "" : pointer, "security");
  if (byToken.length === 0)
    throw fail(at, "the client authorises calls by access tokens, and by nothing beside");
  if (!byToken.some((way) => entries(way).some(([name]) => stringsAt(way, name).length > 0))) {
    throw fail(at, "asks for an access token but names no scope, and the client gets tokens for scopes");
  }
}

const bearsToken = (scheme: JsonObject | undefined): boolean => {
  const type = stringAt(scheme, "type");
  return (
    type === "oauth2" ||
    type === "openIdConnect" ||
    (type === "http" && stringAt(scheme, "scheme")?.toLowerCase() === "bearer")
  );
};
