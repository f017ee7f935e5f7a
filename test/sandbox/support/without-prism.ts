import { register } from "node:module";
import { startSandbox } from "../../../src/sandbox/index.js";

/** Run as a program: starts a sandbox where Prism is not installed and writes what it is told. */
const hook = `
export async function resolve(specifier, context, next) {
  if (!specifier.startsWith("@stoplight/")) return next(specifier, context);
  throw Object.assign(new Error("Cannot find package '" + specifier + "' imported from here"), { code: "ERR_MODULE_NOT_FOUND" });
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

try {
  await startSandbox();
  process.stdout.write("started");
} catch (error) {
  const { message, cause } = Object(error);
  process.stdout.write(`${String(message)}\n${String(Object(cause).code)}\n`);
}
