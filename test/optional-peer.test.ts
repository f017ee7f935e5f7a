import { expect, test } from "vitest";
import { UpvestConfigError } from "../src/base-errors.js";
import { loadLibrary } from "../src/redis/budget.js";
import { loadPrism } from "../src/sandbox/prism.js";

const failing = (code: string | undefined, message: string) => (): Promise<never> =>
  // A plain object: under Jest the error is not an instance of the Error that the code knows.
  Promise.reject(code === undefined ? { message } : { code, message });
const told = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

const PRISM = "@stoplight/prism-http";
const LIMITER = "rate-limiter-flexible";
const install = {
  [PRISM]: `npm install --save-dev ${PRISM}@5.12.0`,
  [LIMITER]: `npm install ${LIMITER}@11`,
};

test.each([
  ["ERR_MODULE_NOT_FOUND", (name: string) => `Cannot find package '${name}' imported from /app/redis.js`],
  ["MODULE_NOT_FOUND", (name: string) => `Cannot find module '${name}'\nRequire stack:\n- /app/redis.js`],
  ["MODULE_NOT_FOUND", (name: string) => `Cannot find module '${name}' from 'node_modules/x/redis.js'`],
])("a peer that is not there: what to install (%s)", async (code, message) => {
  expect(await told(loadPrism(failing(code, message(PRISM))))).toMatchObject({
    message: `The sandbox answers with Prism (${PRISM}), which is not installed. Install it: ${install[PRISM]}`,
  });
  const error = await told(loadLibrary(failing(code, message(LIMITER))));
  expect(error).toBeInstanceOf(UpvestConfigError);
  expect(error).toMatchObject({
    message: `redisLimiter needs the package ${LIMITER}, which is not installed. Install it: ${install[LIMITER]}`,
  });
});

test.each([
  [
    "ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG",
    "A dynamic import callback was invoked without --experimental-vm-modules",
  ],
  ["MODULE_NOT_FOUND", "Cannot find module './impl/format'\nRequire stack:\n- /app/bundle.cjs"],
  [
    "MODULE_NOT_FOUND",
    `Cannot find module 'lodash'\nRequire stack:\n- /app/node_modules/${PRISM}/dist/'${PRISM}'.js`,
  ],
  ["ERR_MODULE_NOT_FOUND", `Cannot find module '/app/node_modules/${LIMITER}/index.js' imported from '/app'`],
  [undefined, "Unexpected token"],
])("a peer that is there and cannot be loaded: why (%s)", async (code, message) => {
  expect(await told(loadPrism(failing(code, message)))).toMatchObject({
    message: `The sandbox answers with Prism (${PRISM}), which cannot be loaded: ${message}`,
    cause: { message },
  });
  expect(await told(loadLibrary(failing(code, message)))).toMatchObject({
    message: `redisLimiter needs the package ${LIMITER}, which cannot be loaded: ${message}`,
  });
});
