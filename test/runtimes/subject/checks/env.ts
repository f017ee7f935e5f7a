import {
  createUpvestClient,
  fromEnv,
  unwrap,
  UpvestConfigError,
  type UpvestClientOptions,
} from "upvest-client";
import { expect, failureOf } from "../expect.js";
import type { Check } from "../subject.js";

/** Options out of the environment; the key from a file, where there are files. */
export const env: Check = async ({ env: bindings }) => {
  if (bindings !== undefined) {
    await use(fromEnv(bindings));
    return;
  }
  if (typeof globalThis.process?.getBuiltinModule === "function") {
    await use(fromEnv());
    return;
  }
  const refusal = await failureOf(
    (async () => fromEnv())(),
    "a key in a file, on a platform without a file system",
  );
  expect(refusal instanceof UpvestConfigError, `it became ${refusal.name}: ${refusal.message}`);
  expect(refusal.message.includes("file system"), refusal.message);
};

const use = (options: UpvestClientOptions): Promise<unknown> =>
  unwrap(createUpvestClient(options).GET("/users", { params: { query: { limit: 1 } } }));
