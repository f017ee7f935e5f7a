import { inspect } from "node:util";
import type * as NodeCrypto from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSigner, createVerifier } from "../../src/signature/keys.js";
import { algorithms, platforms, utf8, vectors } from "./support.js";

const keys = vectors("keys");
const { node, webCrypto, noEd25519, noP521 } = platforms;

/** Node's crypto with a member replaced. */
const nodeWith = (
  member: "sign" | "verify" | "createPrivateKey",
  replaced: (...call: unknown[]) => unknown,
) => ({
  node: new Proxy<typeof NodeCrypto>(node.node, {
    get: (target, name): unknown => (name === member ? replaced : Reflect.get(target, name)),
  }),
});

const failing = (...call: unknown[]): void => {
  const callback = call.pop();
  if (typeof callback === "function") callback(new Error("out of luck"));
};

describe("P-521 in Node leaves the main thread", () => {
  it.each(["sign", "verify"] as const)("%s: 16 in flight, all by callback", async (member) => {
    const done: unknown[] = [];
    let started = 0;
    let settled = 0;
    const platform = nodeWith(member, (...call) => {
      started += 1;
      const callback = call.pop();
      // Without a callback Node works at once, on this thread.
      if (typeof callback !== "function") throw new Error("called without a callback");
      const counted = (...result: unknown[]): void => {
        done.push(result[0]);
        Reflect.apply(callback, undefined, result);
      };
      return Reflect.apply(node.node[member], node.node, [...call, counted]);
    });
    const signer = createSigner(
      { keyId: "k", privateKey: keys["ecdsa-p521"].pkcs8 },
      member === "sign" ? platform : node,
    );
    const verifier = createVerifier(keys["ecdsa-p521"].spki, member === "verify" ? platform : node);
    const bases = Array.from({ length: 16 }, (_, index) => utf8(`base ${index}`));
    const signatures = member === "sign" ? [] : await Promise.all(bases.map((base) => signer.sign(base)));
    const pending =
      member === "sign"
        ? bases.map((base) => signer.sign(base))
        : bases.map((base, index) => verifier.verify(base, signatures[index] ?? new Uint8Array()));
    for (const call of pending) void call.then(() => (settled += 1));
    expect([started, done.length, settled]).toEqual([16, 0, 0]);
    const results = await Promise.all<unknown>(pending);
    expect(done).toEqual(Array.from({ length: 16 }, () => null));
    if (member === "verify") expect(results).toEqual(bases.map(() => true));
  });

  it("a failure in the thread pool rejects", async () => {
    const signer = createSigner(
      { keyId: "k", privateKey: keys["ecdsa-p521"].pkcs8 },
      nodeWith("sign", failing),
    );
    await expect(signer.sign(utf8("a"))).rejects.toThrow("out of luck");
    const verifier = createVerifier(keys["ecdsa-p521"].spki, nodeWith("verify", failing));
    const { signature } = vectors("rfc6979-p521");
    await expect(verifier.verify(utf8("a"), Buffer.from(signature, "base64"))).rejects.toThrow("out of luck");
  });
});

describe("keys are read once", () => {
  it.each(algorithms)("%s in Node", async (algorithm) => {
    let parsed = 0;
    const platform = nodeWith("createPrivateKey", (...call) => {
      parsed += 1;
      return Reflect.apply(node.node.createPrivateKey, node.node, call);
    });
    const signer = createSigner({ keyId: "k", privateKey: keys[algorithm].pkcs8 }, platform);
    for (const text of ["a", "b", "c"]) await signer.sign(utf8(text));
    expect(parsed).toBe(1);
  });

  it.each(algorithms)(
    "%s in WebCrypto, whose first signatures wait for no reading but their own",
    async (algorithm) => {
      let imported = 0;
      const subtle = new Proxy(webCrypto.subtle, {
        get(target, name): unknown {
          if (name === "importKey") imported += 1;
          const member: unknown = Reflect.get(target, name, target);
          return typeof member === "function" ? member.bind(target) : member;
        },
      });
      const signer = createSigner({ keyId: "k", privateKey: keys[algorithm].pkcs8 }, { subtle });
      expect(imported).toBe(0);
      await Promise.all(["a", "b"].map((text) => signer.sign(utf8(text))));
      expect(imported).toBe(2);
      for (const text of ["c", "d", "e"]) await signer.sign(utf8(text));
      expect(imported).toBe(2);
    },
  );
});

describe("bytes in shared memory", () => {
  it.each(algorithms)("%s are signed and verified like any others", async (algorithm) => {
    const base = new Uint8Array(new SharedArrayBuffer(8));
    base.set(utf8("a base"));
    for (const platform of [node, webCrypto, noEd25519]) {
      const signature = await createSigner({ keyId: "k", privateKey: keys[algorithm].pkcs8 }, platform).sign(
        base,
      );
      expect(await createVerifier(keys[algorithm].spki, platform).verify(base, signature)).toBe(true);
      expect(await createVerifier(keys[algorithm].spki, node).verify(Uint8Array.from(base), signature)).toBe(
        true,
      );
    }
  });
});

describe("a WebCrypto without P-521", () => {
  it("says what works instead", async () => {
    const signer = createSigner({ keyId: "k", privateKey: keys["ecdsa-p521"].pkcs8 }, noP521);
    await expect(signer.sign(utf8("a"))).rejects.toThrow(/does not take the P-521 key.*Ed25519.*Signer/);
    const verifier = createVerifier(keys["ecdsa-p521"].spki, noP521);
    await expect(verifier.verify(utf8("a"), new Uint8Array(132))).rejects.toThrow(
      /does not take the P-521 key/,
    );
  });
});

describe("a signer keeps its key to itself", () => {
  it.each(algorithms)("%s", async (algorithm) => {
    const { d = "" } = keys[algorithm].jwk;
    const secret = Buffer.from(d, "base64url");
    const forms = [
      d,
      secret.toString("base64"),
      secret.toString("hex"),
      secret.join(", "),
      "PRIVATE",
      "s3cret",
    ];
    for (const platform of [node, webCrypto, noEd25519]) {
      const key = { keyId: "key-1", privateKey: keys[algorithm].pkcs8, passphrase: "s3cret" };
      const signer = createSigner(key, platform);
      await signer.sign(utf8("a"));
      const shown = [
        inspect(signer, { depth: Infinity, showHidden: true, getters: true, maxArrayLength: null }),
        JSON.stringify(signer),
        JSON.stringify(Object.entries(Object.getOwnPropertyDescriptors(signer))),
        String(signer.sign),
      ];
      for (const text of shown) for (const form of forms) expect(text).not.toContain(form);
      expect(JSON.parse(shown[1] ?? "")).toEqual({ keyId: "key-1", algorithm });
      expect(Reflect.ownKeys(signer).sort()).toEqual(["algorithm", "keyId", "sign"]);
      expect(Object.isFrozen(signer)).toBe(true);
    }
  });
});
