/** What else counts about an operation, apart from its schemas. */
import { arrayAt, compareText, entries, objectAt, own, stringsAt, type JsonObject } from "../generate/json.js";
import {
  contentOf,
  isSuccess,
  parameterKey,
  responsesOf,
  type DescribedOperation,
} from "../generate/operations.js";
import { dereference } from "../generate/references.js";
import { createViewer } from "./view.js";
import type { Description } from "./description.js";

export interface OperationFacts {
  /** `GET /orders/{order_id}` */
  readonly key: string;
  readonly id: string;
  readonly described: DescribedOperation;
  readonly deprecated: boolean;
  readonly tags: readonly string[];
  /** Any one of them admits a call. */
  readonly scopes: readonly string[];
  /** By place and name, `query limit`. */
  readonly parameters: ReadonlyMap<string, JsonObject>;
  readonly paged: boolean;
  readonly requestBody: JsonObject | undefined;
  /** By status. */
  readonly responses: ReadonlyMap<string, JsonObject>;
}

export function factsOf({ document }: Description, described: DescribedOperation): OperationFacts {
  const { operation, method, path, id } = described;
  const parameters = new Map(described.parameters.map((parameter) => [parameterKey(parameter), parameter]));
  return {
    key: `${method.toUpperCase()} ${path}`,
    id,
    described,
    deprecated: own(operation, "deprecated") === true,
    tags: stringsAt(operation, "tags"),
    scopes: scopesOf(document, operation),
    parameters,
    paged: isPaged(document, described, parameters),
    requestBody: dereference(document, own(operation, "requestBody")),
    responses: new Map(responsesOf(document, operation)),
  };
}

function scopesOf(document: JsonObject, operation: JsonObject): string[] {
  const owner = own(operation, "security") === undefined ? document : operation;
  const scopes = arrayAt(owner, "security").flatMap((requirement) =>
    entries(requirement).flatMap(([scheme]) => stringsAt(requirement, scheme)),
  );
  return [...new Set(scopes)].toSorted(compareText);
}

/** The scopes that a token can be asked for: those that are declared, and those that operations name. */
export function scopeNames({ document }: Description, operations: readonly OperationFacts[]): ReadonlySet<string> {
  const schemes = objectAt(objectAt(document, "components"), "securitySchemes");
  const declared = entries(schemes).flatMap(([, scheme]) =>
    entries(objectAt(scheme, "flows")).flatMap(([, flow]) => Object.keys(objectAt(flow, "scopes") ?? {})),
  );
  return new Set([...declared, ...operations.flatMap(({ scopes }) => scopes)]);
}

/** Paged as the client counts it: `offset` and `limit` in the query, `meta` and `data` in the answer. */
function isPaged(
  document: JsonObject,
  { operation }: DescribedOperation,
  parameters: ReadonlyMap<string, JsonObject>,
): boolean {
  if (!parameters.has("query offset") || !parameters.has("query limit")) return false;
  const view = createViewer(document);
  return responsesOf(document, operation).some(
    ([status, response]) =>
      isSuccess(status) &&
      contentOf(response).some(([, media]) => {
        const { properties } = view(objectAt(media, "schema") ?? {});
        return properties.has("meta") && properties.has("data");
      }),
  );
}
