import { whyNotLoaded } from "../optional-peer.js";
import { isRecord, type Json } from "./json.js";

/**
 * The part of Prism that the sandbox uses, written down here so that neither its types nor those of the libraries
 * under it become part of this package: Prism is an optional peer.
 */
export interface PrismModule {
  readonly getHttpOperationsFromSpec: (document: object) => Promise<PrismOperation[]>;
  readonly createInstance: (config: PrismConfig, components: PrismComponents) => PrismInstance;
}

export interface PrismOperation {
  readonly method: string;
  readonly path: string;
}

export interface PrismConfig {
  readonly isProxy: false;
  readonly checkSecurity: boolean;
  readonly validateRequest: boolean;
  readonly validateResponse: boolean;
  readonly errors: boolean;
  readonly upstreamProxy: undefined;
  readonly mock: { dynamic: boolean; seed?: string; exampleKey?: string };
}

export interface PrismComponents {
  readonly logger: PrismLogger;
  /** Replaces the step that makes the answer. */
  readonly mock?: (call: {
    readonly input: { readonly data: PrismRequest };
  }) => (logger: PrismLogger) => Either<PrismAnswer>;
}

export interface PrismRequest {
  readonly method: string;
  readonly url: { readonly path: string; readonly query: Record<string, string | string[]> };
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

export interface PrismAnswer {
  readonly statusCode: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface PrismDiagnostic {
  readonly message: string;
  /** 0 is an error, higher ones are warnings. */
  readonly severity: number;
}

export interface PrismResult {
  readonly output: PrismAnswer;
  readonly validations: {
    readonly input: readonly PrismDiagnostic[];
    readonly output: readonly PrismDiagnostic[];
  };
}

export type Either<Value> =
  | { readonly _tag: "Left"; readonly left: Error & { readonly additional?: unknown } }
  | { readonly _tag: "Right"; readonly right: Value };

export interface PrismInstance {
  readonly request: (
    request: PrismRequest,
    operations: PrismOperation[],
    config?: PrismConfig,
  ) => () => Promise<Either<PrismResult>>;
}

export interface PrismLogger {
  readonly child: () => PrismLogger;
  readonly [level: string]: () => unknown;
}

/** The engine inside Prism 5.14; the version that this package is tested with. */
const PACKAGE = "@stoplight/prism-http";
const VERSION = "5.12.0";

/**
 * Loads Prism. Throws an `Error` that says what to install when it is not there or is not the Prism known here.
 *
 * @param load by a name that bundlers cannot see: it must be looked up where the sandbox runs, and Prism cannot be bundled
 */
export async function loadPrism(
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<PrismModule> {
  const install = `npm install --save-dev ${PACKAGE}@${VERSION}`;
  let module: unknown;
  try {
    module = await load(PACKAGE);
  } catch (cause) {
    throw new Error(
      `The sandbox answers with Prism (${PACKAGE}), which ${whyNotLoaded(PACKAGE, install, cause)}`,
      { cause },
    );
  }
  if (!isPrism(module)) {
    throw new Error(
      `The sandbox does not know the installed ${PACKAGE}. Install the one it does: ${install}`,
    );
  }
  return module;
}

function isPrism(module: unknown): module is PrismModule {
  return (
    isRecord(module) &&
    typeof module["getHttpOperationsFromSpec"] === "function" &&
    typeof module["createInstance"] === "function"
  );
}

const silence = (): undefined => undefined;

/** Prism talks much; all of what it says also comes back with its result. */
export const silentLogger: PrismLogger = {
  child: () => silentLogger,
  trace: silence,
  debug: silence,
  info: silence,
  success: silence,
  warn: silence,
  error: silence,
  fatal: silence,
};

/** The document without what Prism does not serve, as a copy: Prism changes what it is given. */
export function forPrism(document: Json): Json {
  const { webhooks: _webhooks, "x-webhooks": _old, ...rest } = document;
  return structuredClone(rest);
}
