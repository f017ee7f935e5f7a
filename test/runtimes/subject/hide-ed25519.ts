/** A WebCrypto from before Ed25519, as browsers and runtimes had it until 2025. */
const { subtle } = crypto;

for (const name of ["importKey", "generateKey", "sign", "verify"] as const) {
  const original = Reflect.get(subtle, name) as (...given: readonly unknown[]) => Promise<unknown>;
  Object.defineProperty(subtle, name, {
    configurable: true,
    value: (...given: readonly unknown[]) =>
      given.some(isEd25519)
        ? Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"))
        : original.apply(subtle, [...given]),
  });
}

function isEd25519(given: unknown): boolean {
  if (given === "Ed25519") return true;
  return typeof given === "object" && given !== null && "name" in given && given.name === "Ed25519";
}
