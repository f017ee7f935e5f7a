import { UpvestConfigError } from "../errors.js";
import type { Operation, PipelineRequest } from "./request.js";

/** Headers that only the client sets: given by a caller, they would break the signature or leak into it. */
const reserved = new Set([
  "authorization",
  "signature",
  "signature-input",
  "upvest-signature-version",
  "upvest-client-id",
  "upvest-api-version",
  "content-digest",
  "content-length",
  "host",
  "transfer-encoding",
]);

const visibleAscii = /^[\t\u0020-\u007E]*$/;

/**
 * What every request says. Node's fetch would add `accept-language` after the signature; a server that wants every header
 * covered would refuse that, so it is said here, and signed.
 */
export const defaultHeaders = (userAgent: string): Readonly<Record<string, string>> => ({
  accept: "application/json",
  "accept-language": "*",
  "user-agent": userAgent,
});

/** The limits and switches of one call, resolved. */
export type CallSettings = Pick<
  PipelineRequest,
  "signal" | "timeout" | "deadline" | "retry" | "maxResponseSize" | "stream" | "trace"
>;

/** Turns the request that openapi-fetch (and the user's middleware) made into plain data; consumes its body. */
export async function prepare(
  operation: Operation,
  request: Request,
  userAgent: string,
  settings: CallSettings,
): Promise<PipelineRequest> {
  const { origin, pathname, search } = new URL(request.url);
  const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
  const headers: Record<string, string> = { ...defaultHeaders(userAgent) };
  for (const [name, value] of request.headers) headers[name] = checked(operation, name, value);
  if (body === undefined) delete headers["content-type"];
  else headers["content-type"] = contentType(operation, headers["content-type"]);
  return { ...settings, operation, origin, path: pathname, query: search, headers, body };
}

function checked(operation: Operation, name: string, value: string): string {
  if (reserved.has(name)) {
    throw new UpvestConfigError(
      `${operation.id}: the header ${name} is the client's own to set. Leave it out.`,
    );
  }
  if (!visibleAscii.test(value)) {
    throw new UpvestConfigError(
      `${operation.id}: the value of the header ${name} holds characters other than printable ASCII, which cannot be signed.`,
    );
  }
  return value;
}

/** Upvest refuses a media type with a parameter (`; charset=utf-8`), so the description's plain one is sent. */
function contentType(operation: Operation, given: string | undefined): string {
  const wanted = operation.requestBody;
  if (wanted === undefined) {
    throw new UpvestConfigError(`${operation.id} takes no request body. Leave body out.`);
  }
  const essence = given?.split(";")[0]?.trim().toLowerCase();
  if (essence !== undefined && essence !== wanted) {
    throw new UpvestConfigError(`${operation.id} takes a body of ${wanted}, not ${essence}.`);
  }
  return wanted;
}
