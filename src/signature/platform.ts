import type * as NodeCrypto from "node:crypto";

/** The cryptography at hand. A field that is missing is not there; tests leave out what they do not want used. */
export interface Platform {
  readonly node?: typeof NodeCrypto | undefined;
  readonly subtle?: SubtleCrypto | undefined;
}

interface Scope {
  readonly process?: { readonly getBuiltinModule?: unknown } | undefined;
  readonly crypto?: { readonly subtle?: SubtleCrypto | undefined } | undefined;
}

let detected: Platform | undefined;

/**
 * What this runtime offers, looked up once. Node's module is asked for by name and never imported, so that this code
 * loads unchanged where there is no Node.
 */
export function detectPlatform(): Platform {
  detected ??= platformOf(globalThis);
  return detected;
}

/** As `detectPlatform`, for a given global object. */
export const platformOf = (scope: Scope): Platform => ({
  node: nodeCrypto(scope),
  subtle: scope.crypto?.subtle,
});

function nodeCrypto({ process }: Scope): typeof NodeCrypto | undefined {
  const load = process?.getBuiltinModule;
  if (typeof load !== "function") return undefined;
  const module: unknown = load.call(process, "node:crypto");
  return isNodeCrypto(module) ? module : undefined;
}

// Runtimes that imitate Node may carry only a part of the module.
const isNodeCrypto = (module: unknown): module is typeof NodeCrypto =>
  typeof module === "object" &&
  module !== null &&
  ["createPrivateKey", "createPublicKey", "createHash", "sign", "verify"].every(
    (name) => typeof Reflect.get(module, name) === "function",
  );

/** WebCrypto takes no view on shared memory: such bytes are copied, all others are passed as they are. */
export const unshared = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  isUnshared(bytes) ? bytes : new Uint8Array(bytes);

const isUnshared = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer;

export const noCrypto = (): Error =>
  new Error(
    "this platform has neither Node's crypto nor WebCrypto (crypto.subtle, in browsers only on https pages)",
  );
