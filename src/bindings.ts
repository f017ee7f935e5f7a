/**
 * The only module that knows openapi-fetch: it builds URL and Request, runs the user's middleware and reads the answer.
 * The library is final (openapi-ts/openapi-typescript#2874), so whatever replaces it one day is written here.
 */
import createClient, { type Middleware as LibraryMiddleware } from "openapi-fetch";
import type { ParseAs } from "./call-types.js";

/** What middleware is told of a call. */
export interface MiddlewareCall {
  /** Not yet signed: what a middleware changes here is covered by the signature. */
  readonly request: Request;
  /** The path template. */
  readonly schemaPath: string;
  readonly params: {
    readonly query?: Readonly<Record<string, unknown>>;
    readonly header?: Readonly<Record<string, unknown>>;
    readonly path?: Readonly<Record<string, unknown>>;
    readonly cookie?: Readonly<Record<string, unknown>>;
  };
  /** The same for all hooks of one call. */
  readonly id: string;
}

type Awaitable<T> = T | Promise<T>;

/**
 * Runs once per call, outside of retry, token and signature. `onRequest` may return another Request, or a Response that
 * ends the call unsent; `onResponse` another Response; `onError` a Response or another Error.
 */
export interface Middleware {
  onRequest?(call: MiddlewareCall): Awaitable<Request | Response | undefined | void>;
  onResponse?(call: MiddlewareCall & { readonly response: Response }): Awaitable<Response | undefined | void>;
  onError?(
    call: MiddlewareCall & { readonly error: unknown },
  ): Awaitable<Response | Error | undefined | void>;
}

export interface BindingInit {
  readonly params: MiddlewareCall["params"];
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly parseAs: ParseAs;
  /** Already filled in; replaces the library's own substitution, which escapes what must travel raw. */
  readonly path: string;
  /** Called with the request as middleware left it. */
  readonly send: (request: Request) => Promise<Response>;
}

export interface Binding {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

export interface Bindings {
  request(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    schemaPath: string,
    init: BindingInit,
  ): Promise<Binding>;
  readonly use: (...middleware: Middleware[]) => void;
  readonly eject: (...middleware: Middleware[]) => void;
}

/** Every path and method, nothing typed: the types come from call-types.ts, over the same description. */
interface AnyOperation {
  readonly parameters: { readonly query?: Readonly<Record<string, unknown>> };
  readonly requestBody?: { readonly content: { readonly "application/json": unknown } };
  readonly responses: Record<number, never>;
}

type AnyPaths = Record<string, Record<"get" | "post" | "put" | "patch" | "delete", AnyOperation>>;

/** Forms exist at the token endpoint only; everything else is JSON. */
const serialise = (body: unknown, form: boolean): string =>
  form ? new URLSearchParams(Object.entries(body ?? {})).toString() : JSON.stringify(body);

const lowerCase = { GET: "get", POST: "post", PUT: "put", PATCH: "patch", DELETE: "delete" } as const;

export function createBindings(baseUrl: string): Bindings {
  const client = createClient<AnyPaths>({ baseUrl, redirect: "manual" });
  return {
    async request(method, schemaPath, { params, body, headers, parseAs, path, send }) {
      const form = headers["content-type"] === "application/x-www-form-urlencoded";
      return client.request(lowerCase[method], schemaPath, {
        params,
        headers,
        parseAs,
        ...(body !== undefined && { body }),
        bodySerializer: (value) => serialise(value, form),
        pathSerializer: () => `${baseUrl}${path}`,
        fetch: send,
      });
    },
    use: (...middleware) => client.use(...(middleware as LibraryMiddleware[])),
    eject: (...middleware) => client.eject(...(middleware as LibraryMiddleware[])),
  };
}
