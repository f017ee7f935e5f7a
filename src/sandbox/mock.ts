import { isRecord, list, record, text, type Json } from "./json.js";
import type { Route } from "./operations.js";
import {
  forPrism,
  loadPrism,
  silentLogger,
  type PrismAnswer,
  type PrismConfig,
  type PrismDiagnostic,
  type PrismOperation,
} from "./prism.js";

/** A request as Prism is to judge it: its signature and token have been checked before. */
export interface MockRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: ReadonlyMap<string, string>;
  /** Parsed; undefined when there is none. */
  readonly body: unknown;
  /** The media type to answer in. */
  readonly accept: string;
}

export type Mocked =
  | { readonly invalid: string }
  | {
      readonly invalid?: never;
      readonly status: number;
      readonly body: unknown;
    };

export interface Mock {
  /** Checks a request against the description and makes the answer that the description shows. */
  readonly answer: (route: Route, request: MockRequest) => Promise<Mocked>;
  /** Whether a JSON answer fits the description. */
  readonly fits: (route: Route, status: number, body: unknown) => Promise<boolean>;
}

const CHECK_REQUEST: Omit<PrismConfig, "mock"> = {
  isProxy: false,
  // Prism knows only that there is a bearer token; the gateway knows whose, and for what.
  checkSecurity: false,
  validateRequest: true,
  validateResponse: true,
  errors: false,
  upstreamProxy: undefined,
};

/** Starts Prism on a description: in process, without a server of its own. Takes about two seconds. */
export async function createMock(document: Json): Promise<Mock> {
  const prism = await loadPrism();
  const known = await prism.getHttpOperationsFromSpec(forPrism(document));
  const operations = new Map(known.map((each) => [`${each.method.toUpperCase()} ${each.path}`, each]));
  const operationOf = ({ method, path }: Route): PrismOperation => {
    const operation = operations.get(`${method} ${path}`);
    if (operation === undefined) throw new Error(`Prism does not know the operation ${method} ${path}.`);
    return operation;
  };
  const asking = prism.createInstance(
    { ...CHECK_REQUEST, mock: { dynamic: false } },
    { logger: silentLogger },
  );

  const ask = async (
    route: Route,
    request: MockRequest,
    how: { dynamic: boolean; seed?: string; exampleKey?: string },
  ): Promise<{ readonly answer: PrismAnswer; readonly faults: number } | { readonly invalid: string }> => {
    const result = await asking.request(
      {
        method: route.method.toLowerCase(),
        url: { path: request.path, query: queryOf(request.query) },
        headers: Object.fromEntries(request.headers),
        ...(request.body === undefined ? {} : { body: request.body }),
      },
      [operationOf(route)],
      // Fresh at every call: Prism writes the first caller's `accept` into what it is given.
      { ...CHECK_REQUEST, mock: { ...how } },
    )();
    if ("left" in result) {
      const wrong = list(record(result.left.additional)["validation"]).map((each) =>
        text(record(each)["message"]),
      );
      if (wrong.length > 0) return { invalid: wrong.join("; ") };
      throw new Error(`Prism has no answer for ${route.id}: ${result.left.message}`);
    }
    const { input, output } = result.right.validations;
    const wrong = errors(input);
    if (wrong.length > 0) return { invalid: wrong.map(({ message }) => message).join("; ") };
    return { answer: result.right.output, faults: errors(output).length };
  };

  /**
   * Where the description has no example, or one that breaks its own schema (one does in the published 1.9.0): an
   * answer made from the schema, always the same. Undefined when Prism makes none that fits.
   */
  const inventions = new Map<string, PrismAnswer | undefined>();
  const madeUp = async (route: Route, request: MockRequest): Promise<PrismAnswer | undefined> => {
    for (let attempt = 0; attempt < 10 && !inventions.has(route.id); attempt += 1) {
      const other = await ask(route, request, { dynamic: true, seed: `${route.id} ${attempt}` });
      const fits = "answer" in other && other.faults === 0 && hasItem(route, other.answer.body);
      if (fits) inventions.set(route.id, other.answer);
    }
    if (!inventions.has(route.id)) inventions.set(route.id, undefined);
    return inventions.get(route.id);
  };

  return {
    answer: async (route, request) => {
      const example = closestExample(route, request.body);
      const made = await ask(route, request, {
        dynamic: false,
        ...(example === undefined ? {} : { exampleKey: example }),
      });
      if ("invalid" in made) return made;
      const good = made.faults === 0 && hasItem(route, made.answer.body);
      const answer =
        good || request.accept !== "application/json" ? made.answer : await madeUp(route, request);
      const { statusCode, body } = answer ?? made.answer;
      return { status: statusCode, body };
    },
    fits: async (route, status, body) => {
      const headers = {
        "content-type": "application/json",
        "upvest-request-id": "169ae4c7-ebd7-4041-94da-25369653eba7",
      };
      const given: PrismAnswer = { statusCode: status, headers, body };
      const checking = prism.createInstance(
        { ...CHECK_REQUEST, validateRequest: false, mock: { dynamic: false } },
        { logger: silentLogger, mock: () => () => ({ _tag: "Right", right: given }) },
      );
      const request = {
        method: route.method.toLowerCase(),
        url: { path: route.path, query: {} },
        headers: {},
      };
      const result = await checking.request(request, [operationOf(route)])();
      return "right" in result && errors(result.right.validations.output).length === 0;
    },
  };
}

function errors(diagnostics: readonly PrismDiagnostic[]): readonly PrismDiagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 0);
}

/** A page is made from an item, so there must be one. */
function hasItem({ paging }: Route, body: unknown): boolean {
  return paging === undefined || list(record(body)["data"]).length > 0;
}

function queryOf(query: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(query.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

/**
 * Of several named examples the one that shares most with the request, so that a sale is not answered with the
 * example of a purchase. The first of equals; undefined where there is nothing to choose.
 */
function closestExample({ examples }: Route, body: unknown): string | undefined {
  if (examples.length < 2 || !isRecord(body)) return undefined;
  const shared = examples.map(({ value }) => {
    const members = record(value);
    return Object.entries(body).filter(([name, given]) => members[name] === given).length;
  });
  return examples[shared.indexOf(Math.max(...shared))]?.name;
}
