import { UpvestConfigError } from "../errors.js";
import { withHeaders, type Layer } from "./request.js";

/** As the description writes it: UUID versions 0 to 5, hyphens optional; a version 7 UUID does not match. */
const keyPattern =
  /^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-5][0-9a-fA-F]{3}-?[089abAB][0-9a-fA-F]{3}-?[0-9a-fA-F]{12}$/;

/**
 * Gives the call its idempotency key where the description asks for one: the caller's own, or a version 4 UUID made
 * here, once, so that every attempt carries the same (Upvest docs, "Idempotency"). Sent in the canonical spelling.
 */
export const idempotency: Layer = (next) => async (request) => {
  const { operation, trace } = request;
  const given = request.headers["idempotency-key"];
  if (!operation.idempotencyKey) {
    // The API ignores the key elsewhere; a caller who sets one counts on a protection that is not there.
    if (given !== undefined) {
      throw new UpvestConfigError(
        `${operation.id} takes no idempotency key: the API ignores it there, so it would protect nothing. Leave the header out.`,
      );
    }
    return next(request);
  }
  if (given !== undefined && !keyPattern.test(given)) {
    throw new UpvestConfigError(
      `idempotency-key ${JSON.stringify(given)} is not a UUID that Upvest accepts (versions 0 to 5, so not version 7). Use crypto.randomUUID(), or leave it out to have one made.`,
    );
  }
  const key = given === undefined ? crypto.randomUUID() : canonical(given);
  trace.idempotencyKey = key;
  return next(
    given === key
      ? request
      : { ...request, headers: withHeaders(request.headers, { "idempotency-key": key }) },
  );
};

/**
 * RFC 9562 section 4: lower case, with hyphens. A database that keeps UUIDs as such gives them back so: sent as it was
 * first and as it is read, one key would be two to an API that compares texts.
 */
const canonical = (key: string): string =>
  key
    .toLowerCase()
    .replaceAll("-", "")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
