import { pemBlocks } from "./pem.js";
import type { PemBlock } from "./pem.js";
import type { Platform } from "./platform.js";
import { privateKeyFromDer, privateKeyFromJwk } from "./private-key.js";
import type { PrivateKey } from "./private-key.js";
import { kindOf, refuseSigningKey } from "./refusal.js";

const derSequenceTag = 0x30;

/** Reads a private key in any container we accept. @throws TypeError that says what was found and what to do. */
export function readSigningKey(
  key: string | Uint8Array | JsonWebKey,
  passphrase: string | undefined,
  platform: Platform,
): PrivateKey {
  if (typeof key === "string") return fromPem(key, passphrase, platform);
  // Not `instanceof`: some test runners give modules another Uint8Array than the one Node's file system returns.
  if (ArrayBuffer.isView(key)) {
    return key[0] === derSequenceTag
      ? fromDer(key, passphrase, platform)
      : fromPem(new TextDecoder().decode(key), passphrase, platform);
  }
  if (typeof key === "object" && key !== null && "kty" in key) return privateKeyFromJwk(key);
  throw refuseSigningKey(kindOf(key));
}

function fromPem(text: string, passphrase: string | undefined, platform: Platform): PrivateKey {
  const blocks = pemBlocks(text);
  const [block, second] = blocks.filter(({ label }) => label.includes("PRIVATE KEY"));
  if (!block) throw refuseSigningKey(withoutPrivateKey(text, blocks));
  if (second) throw refuseSigningKey("a PEM file with more than one private key");
  const { label, legacyEncrypted } = block;
  if (!["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY"].includes(label)) {
    // `RSA PRIVATE KEY`, `DSA PRIVATE KEY`, `OPENSSH PRIVATE KEY`: the label tells.
    throw refuseSigningKey(`a PEM block "${label}"`);
  }
  if (!block.der) throw refuseSigningKey(`a PEM block "${label}" whose content is not base64`);
  return legacyEncrypted === undefined
    ? fromDer(block.der, passphrase, platform)
    : fromDer(decrypt({ key: legacyEncrypted, format: "pem" }, passphrase, platform), undefined, platform);
}

function withoutPrivateKey(text: string, blocks: readonly PemBlock[]): string {
  const block = blocks.find(({ label }) => label !== "EC PARAMETERS");
  if (block) return block.label.includes("PUBLIC KEY") ? "a public key" : `a PEM block "${block.label}"`;
  if (blocks.length > 0) return "a PEM file with EC PARAMETERS but without the key";
  if (text.trim() === "") return "empty";
  const isPath = /^[^\n]{1,300}\.(?:pem|key|p8|pk8)\s*$/i.test(text);
  return isPath
    ? "a text that looks like the path of a file (read the file, and give what is in it)"
    : "a text that is not PEM (no BEGIN and END lines that match)";
}

function fromDer(bytes: Uint8Array, passphrase: string | undefined, platform: Platform): PrivateKey {
  const key = privateKeyFromDer(bytes);
  if (key !== "encrypted") return key;
  const plain = decrypt({ key: bytes, format: "der", type: "pkcs8" }, passphrase, platform);
  const decrypted = privateKeyFromDer(plain);
  if (decrypted === "encrypted") throw refuseSigningKey("encrypted twice");
  return decrypted;
}

type Encrypted =
  | { readonly key: string; readonly format: "pem" }
  | { readonly key: Uint8Array; readonly format: "der"; readonly type: "pkcs8" };

/** The key as plain PKCS#8. Node alone can decrypt: WebCrypto knows no encrypted container. */
function decrypt(encrypted: Encrypted, passphrase: string | undefined, { node }: Platform): Uint8Array {
  if (!node) {
    throw refuseSigningKey(
      "encrypted, and this platform has no crypto that can decrypt key files (only Node has)",
      "Decrypt it first (openssl pkcs8 -topk8 -nocrypt -in key.pem -out plain.pem), or give a CryptoKey or a Signer",
    );
  }
  // An unset variable often arrives as an empty text.
  if (passphrase === undefined || passphrase === "") {
    throw refuseSigningKey("encrypted, and no passphrase was given", "Give its passphrase");
  }
  try {
    const input = encrypted.format === "pem" ? encrypted : { ...encrypted, key: Buffer.from(encrypted.key) };
    return node.createPrivateKey({ ...input, passphrase }).export({ type: "pkcs8", format: "der" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
    // One wrong passphrase in 256 looks right until the content is read, hence the second text.
    throw code === "ERR_OSSL_BAD_DECRYPT"
      ? refuseSigningKey("encrypted, and the passphrase is wrong", "Give the right passphrase")
      : refuseSigningKey(
          `encrypted, and could not be decrypted (${code}): the passphrase is wrong, ` +
            `the file is damaged, or its cipher is too old for this OpenSSL`,
          "Try it with: openssl pkey -noout -in key.pem",
        );
  }
}
