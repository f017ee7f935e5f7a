/** What else counts about an operation, apart from its schemas. */
import {
  arrayAt,
  compareText,
  entries,
  objectAt,
  own,
  stringsAt,
  type JsonObject,
} from "../generate/json.js";
import {
  contentOf,
  isPaged,
  parameterKey,
  responsesOf,
  type DescribedOperation,
} from "../generate/operations.js";
import { dereference } from "../generate/references.js";
import type { Description } from "./description.js";
import { createViewer, type Viewer } from "./view.js";

export interface OperationFacts {
  /** `GET /orders/{order_id}` */
  readonly key: string;
  readonly id: string;
  readonly deprecated: boolean;
  readonly tags: readonly string[];
  /** Any one of them admits a call. */
  readonly scopes: readonly string[];
  /** By place and name, `query limit`. */
  readonly parameters: ReadonlyMap<string, JsonObject>;
  readonly paged: boolean;
  readonly requestBody: JsonObject | undefined;
  /** Whether a call without a body could ever have been right: a schema that asks for fields never let that pass. */
  readonly worksWithoutBody: boolean;
  /** By status. */
  readonly responses: ReadonlyMap<string, AnswerFacts>;
}

export interface AnswerFacts {
  /** By media type. */
  readonly content: ReadonlyMap<string, JsonObject>;
  /** By name in lower case, because case does not count (RFC 9110 section 5.1). */
  readonly headers: ReadonlyMap<string, JsonObject>;
}

export function factsOf({ document }: Description, described: DescribedOperation): OperationFacts {
  const { operation, method, path, id } = described;
  const view = createViewer(document);
  const parameters = new Map(described.parameters.map((parameter) => [parameterKey(parameter), parameter]));
  const requestBody = dereference(document, own(operation, "requestBody"));
  return {
    key: `${method.toUpperCase()} ${path}`,
    id,
    deprecated: own(operation, "deprecated") === true,
    tags: stringsAt(operation, "tags"),
    scopes: scopesOf(document, operation),
    parameters,
    paged: isPaged(document, described),
    requestBody,
    worksWithoutBody: contentOf(requestBody).some(([, media]) =>
      asksForNothing(objectAt(media, "schema"), view),
    ),
    responses: new Map(
      responsesOf(document, operation).map(([status, response]) => [status, answerOf(document, response)]),
    ),
  };
}

function answerOf(document: JsonObject, response: JsonObject): AnswerFacts {
  const headers = entries(own(response, "headers")).map(([name, header]): [string, JsonObject] => [
    name.toLowerCase(),
    dereference(document, header) ?? {},
  ]);
  return { content: new Map(contentOf(response)), headers: new Map(headers) };
}

function asksForNothing(schema: JsonObject | undefined, view: Viewer): boolean {
  if (schema === undefined) return true;
  const { types, required, alternatives } = view(schema);
  if (alternatives.length > 0) return alternatives.some((alternative) => asksForNothing(alternative, view));
  return types.length === 0 || (types.includes("object") && required.size === 0);
}

function scopesOf(document: JsonObject, operation: JsonObject): string[] {
  const owner = own(operation, "security") === undefined ? document : operation;
  const scopes = arrayAt(owner, "security").flatMap((requirement) =>
    entries(requirement).flatMap(([scheme]) => stringsAt(requirement, scheme)),
  );
  return [...new Set(scopes)].toSorted(compareText);
}

/** The scopes that a token can be asked for: those that are declared, and those that operations name. */
export function scopeNames(
  { document }: Description,
  operations: readonly OperationFacts[],
): ReadonlySet<string> {
  const schemes = objectAt(objectAt(document, "components"), "securitySchemes");
  const declared = entries(schemes).flatMap(([, scheme]) =>
    entries(objectAt(scheme, "flows")).flatMap(([, flow]) => Object.keys(objectAt(flow, "scopes") ?? {})),
  );
  return new Set([...declared, ...operations.flatMap(({ scopes }) => scopes)]);
}
