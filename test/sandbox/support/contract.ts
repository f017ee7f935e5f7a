import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Json } from "./description.js";

/** An independent reading of a description: what to send to an operation, and whether an answer fits it. */
export interface Contract {
  readonly operations: readonly ContractOperation[];
  /** What is wrong with an answer; empty when it fits. */
  readonly faults: (
    operation: ContractOperation,
    status: number,
    type: string,
    body: unknown,
  ) => readonly string[];
}

export interface ContractOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Path and required query, with values that the description allows. */
  readonly target: string;
  readonly query: readonly string[];
  readonly scopes: readonly string[];
  readonly idempotent: boolean;
  readonly body: unknown;
  readonly form: boolean;
}

const METHODS = ["get", "post", "put", "patch", "delete"];

export function readContract(document: Json): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false });
  addFormats.default(ajv);
  ajv.addSchema({ ...modernise(document), $id: "doc:" });

  const at = (pointer: string): unknown => {
    let node: unknown = document;
    for (const step of pointer.slice(2).split("/")) {
      node = Object(node)[step.replaceAll("~1", "/").replaceAll("~0", "~")];
    }
    return node;
  };
  const resolve = (node: unknown): Json => {
    const target: Json = Object(node);
    return typeof target["$ref"] === "string" ? resolve(at(target["$ref"])) : target;
  };
  const sample = (parameter: Json): string => {
    const schema = resolve(parameter["schema"]);
    const given =
      parameter["example"] ?? schema["example"] ?? Object(schema["examples"])[0] ?? Object(schema["enum"])[0];
    if (given !== undefined) return String(given);
    // Of several ways to name an instrument; the colon must travel as it is.
    if (JSON.stringify(schema).includes("isin:")) return "isin:US0378331005";
    return schema["format"] === "date" ? "2024-01-31" : "ad45b27f-c0e7-4cfb-b48c-a83670dbdfbd";
  };

  const operations: ContractOperation[] = [];
  for (const [path, item] of Object.entries(Object(document["paths"]))) {
    for (const method of METHODS) {
      const operation: Json | undefined = Object(item)[method];
      if (operation === undefined) continue;
      const parameters = [
        ...Object.values(Object(Object(item).parameters)),
        ...Object.values(Object(operation["parameters"])),
      ].map(resolve);
      const values = new Map(
        parameters
          .filter((each) => each["in"] === "path")
          .map((each) => [String(each["name"]), sample(each)]),
      );
      const asked = parameters.filter((each) => each["in"] === "query");
      const query = asked
        .filter((each) => each["required"] === true)
        .map((each) => `${String(each["name"])}=${encodeURIComponent(sample(each))}`);
      const content: Json = Object(resolve(operation["requestBody"])["content"]);
      const [type, media] = Object.entries(content)[0] ?? [];
      const examples = Object.values(Object(Object(media).examples));
      operations.push({
        id: String(operation["operationId"]),
        method: method.toUpperCase(),
        path,
        target:
          path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => values.get(name) ?? "") +
          (query.length > 0 ? `?${query.join("&")}` : ""),
        query: asked.map((each) => String(each["name"])),
        scopes: Object.values(Object(operation["security"]))
          .flatMap((each) => Object.values(Object(each)).flat())
          .map(String),
        idempotent: parameters.some(
          (each) => each["name"] === "idempotency-key" && each["required"] === true,
        ),
        body: Object(media).example ?? resolve(examples[0])["value"],
        form: type === "application/x-www-form-urlencoded",
      });
    }
  }
  return {
    operations,
    faults: (operation, status, type, body) => {
      const escaped = operation.path.replaceAll("~", "~0").replaceAll("/", "~1");
      const own = `#/paths/${escaped}/${operation.method.toLowerCase()}/responses/${status}`;
      const response: Json = Object(at(own));
      if (Object.keys(response).length === 0) return [`status ${status} is not in the description`];
      const place = typeof response["$ref"] === "string" ? response["$ref"] : own;
      const content: Json = Object(resolve(response)["content"]);
      if (type === "")
        return Object.keys(content).length === 0 ? [] : ["there is no body, but the description has one"];
      if (content[type] === undefined) return [`${type} is not in the description`];
      const pointer = `${place}/content/${type.replaceAll("/", "~1")}/schema`;
      const validate =
        ajv.getSchema(`doc:${encodeURI(pointer)}`) ?? ajv.compile({ $ref: `doc:${encodeURI(pointer)}` });
      if (validate(body) === true) return [];
      return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`);
    },
  };
}

/** Says the little of OpenAPI 3.0 that JSON Schema says otherwise. */
function modernise(node: Json): Json {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    const { nullable, ...rest } = Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, walk(member)]),
    );
    if (nullable !== true) return rest;
    return typeof rest["type"] === "string"
      ? { ...rest, type: [rest["type"], "null"] }
      : { anyOf: [rest, { type: "null" }] };
  };
  return Object(walk(node));
}
