import { shown, UpvestConfigError } from "./errors.js";

/** A parameter that cannot be sent, as messages show it: of an object what it is, not all that it holds. */
export const shownParameter = (value: unknown): string =>
  Object(value) === value ? Object.prototype.toString.call(value) : shown(value);

/** What a path segment may hold unescaped (RFC 3986 section 3.3, `pchar` without percent escapes). */
const segment = /^[A-Za-z0-9\-._~!$&'()*+,;=:@]+$/;

/**
 * Fills a path template. Nothing is ever percent-encoded: Upvest's own signers disagree on how an escaped path is
 * signed, and no id of the API needs an escape (`isin:US0378331005` travels with its colon). So a value that would
 * need one is refused, as are those that lead to another endpoint: empty, `.`, `..` and a missing one.
 *
 * @param operationId for the error
 * @param template `/accounts/{account_id}`
 * @throws UpvestConfigError naming the parameter
 */
export function expandPath(
  operationId: string,
  template: string,
  values: Readonly<Record<string, unknown>> = {},
): string {
  return template.replaceAll(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null) {
      throw new UpvestConfigError(
        `${operationId}: the path parameter ${name} is missing. Give it as params: { path: { ${name}: ... } }.`,
      );
    }
    const text =
      typeof value === "string" ||
      typeof value === "bigint" ||
      (typeof value === "number" && Number.isFinite(value))
        ? String(value)
        : undefined;
    if (text === undefined || !segment.test(text) || text === "." || text === "..") {
      throw new UpvestConfigError(
        `${operationId}: the path parameter ${name} cannot be ${shownParameter(value)}: it must be one path segment of letters, digits and -._~!$&'()*+,;=:@ other than "." and "..".`,
      );
    }
    return text;
  });
}
