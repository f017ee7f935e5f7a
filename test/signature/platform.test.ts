import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { createSigner } from "../../src/signature/keys.js";
import { detectPlatform, platformOf } from "../../src/signature/platform.js";
import { platforms, utf8, vectors } from "./support.js";

const loaded = vi.hoisted(() => ({ noble: 0 }));
vi.mock("@noble/ed25519", async (original) => {
  loaded.noble += 1;
  return original();
});

describe("what is chosen", () => {
  it("Node's crypto where there is Node, asked for once", () => {
    const platform = detectPlatform();
    expect(platform.node?.createPrivateKey).toBe(platforms.node.node.createPrivateKey);
    expect(platform.subtle).toBe(globalThis.crypto.subtle);
    expect(detectPlatform()).toBe(platform);
  });

  const { crypto } = globalThis;
  it.each([
    ["no process", { crypto }],
    ["a process without builtin modules", { process: {}, crypto }],
    ["a process that has no such module", { process: { getBuiltinModule: () => undefined }, crypto }],
    ["a module that is a shell", { process: { getBuiltinModule: () => ({ createHash: () => 0 }) }, crypto }],
  ])("WebCrypto where there is %s", (_, scope) => {
    expect(platformOf(scope)).toEqual({ node: undefined, subtle: crypto.subtle });
  });

  it("nothing where there is nothing", () => {
    expect(platformOf({})).toEqual({ node: undefined, subtle: undefined });
    expect(platformOf({ crypto: {} })).toEqual({ node: undefined, subtle: undefined });
  });

  it("asks the process for node:crypto, as its own method", () => {
    const process = {
      getBuiltinModule(this: unknown, name: string): unknown {
        return this === process && name === "node:crypto" ? platforms.node.node : undefined;
      },
    };
    expect(platformOf({ process }).node).toBe(platforms.node.node);
  });
});

describe("what is loaded", () => {
  it("no Node module: only types are imported from node:, and nothing else from outside but noble, when needed", () => {
    const folder = new URL("../../src/signature/", import.meta.url);
    const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
    const imports = sources.flatMap(
      (source) => source.match(/^(?:import|export)\b[^;]*?\bfrom "[^.][^"]*"/gm) ?? [],
    );
    expect(new Set(imports)).toEqual(new Set(['import type * as NodeCrypto from "node:crypto"']));
    const dynamic = sources.flatMap((source) => source.match(/\b(?:import|require)\([^)]*\)/g) ?? []);
    expect(new Set(dynamic)).toEqual(new Set(['import("@noble/ed25519")']));
    expect(sources.join("\n")).not.toMatch(/^import "/m);
  });

  it("noble, only when a platform without Ed25519 signs", async () => {
    const privateKey = vectors("keys").ed25519.pkcs8;
    for (const platform of [platforms.node, platforms.webCrypto]) {
      await createSigner({ keyId: "k", privateKey }, platform).sign(utf8("a"));
    }
    const signer = createSigner({ keyId: "k", privateKey }, platforms.noEd25519);
    expect(loaded.noble).toBe(0);
    await signer.sign(utf8("a"));
    expect(loaded.noble).toBe(1);
  });
});
