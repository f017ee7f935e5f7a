/**
 * What must hold before anything is generated. Everything after this step may rely on it: references lead somewhere,
 * each operation has an id of its own, and paths and their parameters agree.
 */
import { checkAccess, checkCalls } from "./check-calls.js";
import { InputError } from "./input-error.js";
import {
  arrayAt,
  entries,
  isArray,
  isObject,
  own,
  pointerTo,
  resolvePointer,
  stringAt,
  stringsAt,
  type Json,
  type JsonObject,
} from "./json.js";
import { METHODS } from "./operations.js";
import { dereference, localPointer, walk } from "./references.js";

/** The methods the client can send (openapi-fetch has the others, this API does not). */
const SENT = new Set(["get", "put", "post", "delete", "patch"]);

type Fail = (pointer: string, reason: string) => InputError;

/** Throws {@link InputError} for the first thing that is wrong with `document`. */
export function check(document: JsonObject, file: string): void {
  const fail: Fail = (pointer, reason) => new InputError(file, pointer, reason);
  checkFrame(document, fail);
  walk(document, (value, pointer) => {
    const reference = own(value, "$ref");
    if (typeof reference === "string") checkReference(document, value, reference, pointer, fail);
  });
  const ids = new Map<string, string>();
  for (const section of ["paths", "webhooks", "x-webhooks"]) {
    for (const [path, item] of entries(own(document, section))) {
      checkPathItem(document, item, { section, path, ids }, fail);
    }
  }
  checkSecurity(document, document, "", fail);
}

function checkFrame(document: JsonObject, fail: Fail): void {
  const version = own(document, "openapi");
  if (version === undefined) throw fail("", "not OpenAPI: no member `openapi`");
  if (typeof version !== "string" || !/^3\.\d+\.\d+/.test(version)) {
    throw fail("/openapi", `expected an OpenAPI 3.x version, got ${JSON.stringify(version)}`);
  }
  for (const member of ["title", "version"]) {
    if (stringAt(own(document, "info"), member) === undefined) {
      throw fail(`/info/${member}`, "not OpenAPI: expected a text");
    }
  }
  if (!isObject(own(document, "paths"))) throw fail("/paths", "not OpenAPI: expected an object of paths");
  for (const member of ["components", "webhooks", "x-webhooks"]) {
    const value = own(document, member);
    if (value !== undefined && !isObject(value)) throw fail(`/${member}`, "expected an object");
  }
}

function checkReference(
  document: JsonObject,
  value: JsonObject,
  reference: string,
  pointer: string,
  fail: Fail,
): void {
  const at = pointerTo(pointer, "$ref");
  const target = localPointer(reference);
  if (target === undefined)
    throw fail(at, `"${reference}" leads out of the file; only "#/..." can be followed`);
  if (resolvePointer(document, target) === undefined) {
    throw fail(at, `dangling reference: nothing is at "${reference}"`);
  }
  if (dereference(document, value) === undefined) {
    throw fail(at, `"${reference}" runs in a circle or leads to something that is not an object`);
  }
}

interface PathContext {
  readonly section: string;
  readonly path: string;
  /** Operation ids seen so far, and where. */
  readonly ids: Map<string, string>;
}

function checkPathItem(document: JsonObject, item: Json, context: PathContext, fail: Fail): void {
  const { section, path } = context;
  const at = pointerTo(`/${section}`, path);
  if (!isObject(item)) throw fail(at, "expected an object of operations");
  if (own(item, "$ref") !== undefined) throw fail(at, "a path item by reference is not supported");
  const webhook = section !== "paths";
  if (!webhook && !path.startsWith("/")) throw fail(at, "a path begins with `/`");
  const templated = new Set([...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name));
  const shared = checkParameters(document, item, at, fail);
  if (!webhook) {
    checkTemplate(shared, templated, at, fail);
    checkCalls(document, item, at, fail);
  }
  for (const method of METHODS) {
    const operation = own(item, method);
    if (operation === undefined) continue;
    const pointer = pointerTo(at, method);
    if (!isObject(operation)) throw fail(pointer, "expected an operation");
    if (!webhook && !SENT.has(method))
      throw fail(pointer, `the client sends no ${method.toUpperCase()} requests`);
    checkOperationId(operation, pointer, context.ids, fail);
    const declared = checkParameters(document, operation, pointer, fail);
    if (!webhook) {
      checkTemplate(declared, templated, pointer, fail);
      const missing = [...templated].find((name) => !shared.has(name) && !declared.has(name));
      if (missing !== undefined) throw fail(pointer, `path parameter "${missing}" is not declared`);
    }
    checkBodies(document, operation, pointer, fail);
    checkSecurity(document, operation, pointer, fail);
    if (!webhook) {
      checkCalls(document, operation, pointer, fail);
      checkAccess(document, operation, pointer, fail);
    }
  }
}

function checkOperationId(
  operation: JsonObject,
  pointer: string,
  ids: Map<string, string>,
  fail: Fail,
): void {
  const id = own(operation, "operationId");
  if (typeof id !== "string" || id === "") throw fail(pointer, "no operationId");
  const first = ids.get(id);
  if (first !== undefined) {
    throw fail(pointerTo(pointer, "operationId"), `duplicate operationId "${id}", already used at #${first}`);
  }
  ids.set(id, pointer);
}

/** Checks the list of parameters of a path item or an operation; gives the path parameters, each with its pointer. */
function checkParameters(
  document: JsonObject,
  owner: JsonObject,
  at: string,
  fail: Fail,
): ReadonlyMap<string, string> {
  const parameters = own(owner, "parameters");
  if (parameters !== undefined && !isArray(parameters))
    throw fail(pointerTo(at, "parameters"), "expected a list");
  const inPath = new Map<string, string>();
  for (const [index, entry] of arrayAt(owner, "parameters").entries()) {
    const pointer = pointerTo(at, "parameters", index);
    const parameter = dereference(document, entry);
    const name = stringAt(parameter, "name");
    const place = stringAt(parameter, "in");
    if (name === undefined || place === undefined)
      throw fail(pointer, "expected a parameter with `name` and `in`");
    if (place === "path") inPath.set(name, pointer);
  }
  return inPath;
}

function checkTemplate(
  declared: ReadonlyMap<string, string>,
  templated: ReadonlySet<string>,
  at: string,
  fail: Fail,
): void {
  for (const [name, pointer] of declared) {
    if (!templated.has(name))
      throw fail(pointer, `path parameter "${name}" does not occur in the path (${at})`);
  }
}

function checkBodies(document: JsonObject, operation: JsonObject, pointer: string, fail: Fail): void {
  const responses = own(operation, "responses");
  if (!isObject(responses)) throw fail(pointerTo(pointer, "responses"), "expected an object of responses");
  const bodies: [string, Json | undefined][] = entries(responses).map(([status, response]) => [
    pointerTo(pointer, "responses", status),
    response,
  ]);
  const requestBody = own(operation, "requestBody");
  if (requestBody !== undefined) bodies.push([pointerTo(pointer, "requestBody"), requestBody]);
  for (const [at, body] of bodies) {
    const found = dereference(document, body);
    if (found === undefined) throw fail(at, "expected an object");
    const content = own(found, "content");
    if (content !== undefined && !isObject(content))
      throw fail(pointerTo(at, "content"), "expected an object");
  }
}

function checkSecurity(document: JsonObject, owner: JsonObject, pointer: string, fail: Fail): void {
  const components = own(document, "components");
  const schemes = isObject(components) ? own(components, "securitySchemes") : undefined;
  for (const [index, requirement] of arrayAt(owner, "security").entries()) {
    const at = pointerTo(pointer, "security", index);
    for (const [name] of entries(requirement)) {
      if (!isObject(schemes) || own(schemes, name) === undefined) {
        throw fail(
          pointerTo(at, name),
          `security scheme "${name}" is not among the components (${schemeNames(schemes)})`,
        );
      }
      if (stringsAt(requirement, name).length !== arrayAt(requirement, name).length) {
        throw fail(pointerTo(at, name), "expected a list of scope names");
      }
    }
  }
}

const schemeNames = (schemes: Json | undefined): string =>
  entries(schemes)
    .map(([name]) => name)
    .join(", ") || "there are none";
