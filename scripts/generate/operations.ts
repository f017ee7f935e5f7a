import { arrayAt, entries, isObject, objectAt, own, pointerTo, stringAt, type JsonObject } from "./json.js";
import { dereference, together } from "./references.js";

/** The methods of OpenAPI 3.1, "Path Item Object". */
export const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;

/** One operation as it stands in the description, with what its path item gives to all of its operations. */
export interface DescribedOperation {
  readonly id: string;
  /** Lower case, as in the description. */
  readonly method: string;
  readonly path: string;
  readonly pointer: string;
  readonly operation: JsonObject;
  /** Those of the path item and its own, its own winning by place and name; references followed. */
  readonly parameters: readonly JsonObject[];
}

/** Every operation of a description that has passed `check`, in the order of the file. */
export function describedOperations(
  document: JsonObject,
  section: "paths" | "webhooks",
): DescribedOperation[] {
  return entries(own(document, section)).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = objectAt(item, method);
      if (operation === undefined) return [];
      const parameters = new Map<string, JsonObject>();
      for (const parameter of [...arrayAt(item, "parameters"), ...arrayAt(operation, "parameters")]) {
        const found = dereference(document, parameter);
        if (found !== undefined) parameters.set(parameterKey(found), found);
      }
      const pointer = pointerTo(`/${section}`, path, method);
      const id = stringAt(operation, "operationId") ?? "";
      return [{ id, method, path, pointer, operation, parameters: [...parameters.values()] }];
    }),
  );
}

/** Header names are compared without regard to case (RFC 9110 section 5.1), all others as they are. */
export function parameterKey(parameter: JsonObject): string {
  const place = stringAt(parameter, "in") ?? "";
  const name = stringAt(parameter, "name") ?? "";
  return `${place} ${place === "header" ? name.toLowerCase() : name}`;
}

/** The media types of a body and the schema of each; empty when there is no body. */
export function contentOf(body: JsonObject | undefined): [string, JsonObject][] {
  return entries(body && own(body, "content")).flatMap(([media, value]) =>
    isObject(value) ? [[media, value] as [string, JsonObject]] : [],
  );
}

/** The responses of an operation with their references followed, by status. */
export function responsesOf(document: JsonObject, operation: JsonObject): [string, JsonObject][] {
  return entries(own(operation, "responses")).flatMap(([status, response]) => {
    const found = dereference(document, response);
    return found === undefined ? [] : [[status, found] as [string, JsonObject]];
  });
}

export const isSuccess = (status: string): boolean => /^2(?:\d\d|XX)$/.test(status);

/** Paged: `offset` and `limit` in the query, `meta` and a list `data` in the answer. */
export function isPaged(document: JsonObject, { operation, parameters }: DescribedOperation): boolean {
  const query = parameters.filter((parameter) => own(parameter, "in") === "query");
  const asks = ["offset", "limit"].every((name) =>
    query.some((parameter) => own(parameter, "name") === name),
  );
  return (
    asks &&
    responsesOf(document, operation).some(
      ([status, response]) =>
        isSuccess(status) &&
        contentOf(response).some(([, media]) => {
          const body = dereference(document, own(media, "schema"));
          const members = objectAt(body && together(document, body), "properties") ?? {};
          return ["meta", "data"].every((name) => own(members, name) !== undefined);
        }),
    )
  );
}

export const JSON_MEDIA = "application/json";

/** Of the media types of a request body the one that the client sends; `undefined` where it can send none. */
export const sentMedia = (media: readonly string[]): string | undefined =>
  media.includes(JSON_MEDIA)
    ? JSON_MEDIA
    : media.find((name) => /^application\/(?:x-www-form-urlencoded|[\w.-]+\+json)$/.test(name));
