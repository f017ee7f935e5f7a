/**
 * Why an optional peer could not be loaded, to go after "which". Only a package that is itself missing can be installed: it
 * may also miss something of its own, or the runtime may not load it in this way.
 */
export function whyNotLoaded(name: string, install: string, error: unknown): string {
  // Not by class: under Jest the error is of another realm.
  const { code, message } = Object(error) as { readonly code?: unknown; readonly message?: unknown };
  const text = typeof message === "string" ? message : String(error);
  const isMissing = code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
  // What is missing is the first name between quotes; those who asked for it come after.
  return isMissing && /['"]([^'"]*)['"]/.exec(text)?.[1] === name
    ? `is not installed. Install it: ${install}`
    : `cannot be loaded: ${text}`;
}
