/**
 * Refuses members that nobody reads: a test whose options mean less than they say passes for the wrong reason. Not that of
 * the client (src/plain-object.ts): the sandbox shares no code with what it judges, and refuses with a TypeError.
 *
 * @param what that the members belong to, as the message begins
 * @param known has a member for each that is read
 * @throws TypeError naming the member
 */
export function requireMembers(what: string, given: object, known: object): void {
  const unknown = Object.entries(given).find(
    ([name, value]) => value !== undefined && !Object.hasOwn(known, name),
  );
  if (unknown === undefined) return;
  throw new TypeError(`${what} has no ${unknown[0]}; it has ${Object.keys(known).join(", ")}.`);
}
