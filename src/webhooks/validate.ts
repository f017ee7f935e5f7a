import type { EventValidation } from "../../generated/validators.js";

export type { EventProblem, EventValidation } from "../../generated/validators.js";

/**
 * Checks an event against the description of its type: `{ valid: true }`, or `{ valid: false, errors }` with a JSON
 * pointer and a message each. Fields, enum values and types that the description does not know are accepted.
 *
 * For tests and for watching drift. No delivery is refused for it, since a refusal would hold up all later ones. The
 * validators are large and loaded at the first call.
 */
export async function validateEvent(event: unknown): Promise<EventValidation> {
  const validators = await import("../../generated/validators.js");
  return validators.validateEvent(event);
}
