import { encodeBase64 } from "./base64.js";
import { detectPlatform, noCrypto, unshared } from "./platform.js";
import type { Platform } from "./platform.js";
import type { Profile } from "./profile.js";

/**
 * The value of the profile's digest header for these body bytes: `sha-512=:...:` (RFC 9530) in v15, `SHA-256=...`
 * (RFC 3230) in v6. At once where Node's crypto is there, else a promise.
 *
 * @param body The exact bytes that travel. A request without a body carries no digest header at all.
 */
export function digestValue(
  body: Uint8Array,
  profile: Profile,
  platform: Platform = detectPlatform(),
): string | Promise<string> {
  const { node, subtle } = platform;
  const wide = profile.digestAlgorithm === "sha-512";
  if (node) {
    const name = wide ? "sha512" : "sha256";
    // `hash` does it in one call, but is not in every runtime that imitates Node.
    const digest =
      typeof node.hash === "function"
        ? node.hash(name, body, "base64")
        : node.createHash(name).update(body).digest("base64");
    return headerValue(profile, digest);
  }
  if (!subtle) throw noCrypto();
  return subtle
    .digest(wide ? "SHA-512" : "SHA-256", unshared(body))
    .then((digest) => headerValue(profile, encodeBase64(new Uint8Array(digest))));
}

const headerValue = (profile: Profile, base64: string): string =>
  profile.digestAlgorithm === "sha-512" ? `sha-512=:${base64}:` : `SHA-256=${base64}`;
