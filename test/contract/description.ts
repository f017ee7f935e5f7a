import { description } from "../../generated/description.js";

export type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const object = (value: unknown): Json => (isObject(value) ? value : {});
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Follows `$ref` as long as there is one. */
export function resolve(value: unknown): Json {
  const node = object(value);
  const ref = node["$ref"];
  if (typeof ref !== "string") return node;
  let target: unknown = description;
  for (const part of ref.replace(/^#\//, "").split("/")) {
    target = object(target)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return resolve(target);
}

/** A parameter of an operation, without the headers that the client sets itself. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: unknown;
  readonly examples: readonly Example[];
}

/** A place in the description that holds an example, with the schema that it must fit. */
export interface Example {
  readonly at: string;
  readonly schema: unknown;
  readonly value: unknown;
}

export interface Contract {
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Schema of the request body. */
  readonly body: unknown;
  /** Schema of the JSON body by status; undefined: that status has none. */
  readonly answers: ReadonlyMap<number, unknown>;
  readonly examples: readonly Example[];
}

const ours = new Set([
  "authorization",
  "signature",
  "signature-input",
  "upvest-client-id",
  "upvest-api-version",
  "idempotency-key",
]);

function examplesOf(at: string, holder: Json, schema: unknown): Example[] {
  const named = Object.entries(object(holder["examples"])).map(([name, example]) => ({
    at: `${at} example ${name}`,
    schema,
    value: resolve(example)["value"],
  }));
  return "example" in holder ? [{ at: `${at} example`, schema, value: holder["example"] }, ...named] : named;
}

/** Bodies of a request or an answer, by media type. */
function contents(
  at: string,
  holder: Json,
): { readonly schemas: ReadonlyMap<string, unknown>; readonly examples: Example[] } {
  const media = Object.entries(object(holder["content"])).map(
    ([type, value]) => [type, object(value)] as const,
  );
  return {
    schemas: new Map(media.map(([type, value]) => [type, value["schema"]])),
    examples: media.flatMap(([type, value]) => examplesOf(`${at} ${type}`, value, value["schema"])),
  };
}

function parameterOf(id: string, value: unknown): Parameter {
  const parameter = resolve(value);
  const { name, schema } = parameter as { readonly name: string; readonly schema: unknown };
  return {
    name,
    in: parameter["in"] as Parameter["in"],
    required: parameter["required"] === true,
    schema,
    examples: [
      ...examplesOf(`${id} parameter ${name}`, parameter, schema),
      ...examplesOf(`${id} parameter ${name} schema`, resolve(schema), schema),
    ],
  };
}

/** Every operation of the description that this package was generated from. */
export const contracts: readonly Contract[] = Object.entries(object(description["paths"])).flatMap(
  ([path, item]) =>
    (["GET", "POST", "PUT", "PATCH", "DELETE"] as const).flatMap((method) => {
      const operation = object(object(item)[method.toLowerCase()]);
      const id = operation["operationId"];
      if (typeof id !== "string") return [];
      const parameters = [...list(object(item)["parameters"]), ...list(operation["parameters"])]
        .map((parameter) => parameterOf(id, parameter))
        .filter(({ name }) => !ours.has(name.toLowerCase()));
      const request = contents(`${id} request`, resolve(operation["requestBody"]));
      const answers = Object.entries(object(operation["responses"])).map(([status, answer]) => {
        const { schemas, examples } = contents(`${id} ${status}`, resolve(answer));
        const schema = schemas.get("application/json") ?? schemas.get("application/problem+json");
        return { status: Number(status), schema, examples };
      });
      return [
        {
          id,
          method,
          path,
          parameters,
          body: [...request.schemas.values()][0],
          answers: new Map(answers.map(({ status, schema }) => [status, schema])),
          examples: [
            ...parameters.flatMap(({ examples }) => examples),
            ...request.examples,
            ...answers.flatMap(({ examples }) => examples),
          ],
        },
      ];
    }),
);

/** The example of every event. */
export const eventExamples: readonly Example[] = Object.entries(object(description["webhooks"])).flatMap(
  ([name, item]) => {
    const post = object(object(item)["post"]);
    return contents(name, resolve(post["requestBody"])).examples;
  },
);
