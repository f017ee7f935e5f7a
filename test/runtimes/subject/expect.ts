/** Throws when what is said does not hold. */
export function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  expect(is === should, `${what} is ${is}; it should be ${should}`);
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>, what: string): Promise<Error> {
  const failure: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure instanceof Error, `${what} did not fail`);
  return failure;
}

/** One line, for the report. */
export function tell(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (cause: ${tell(error.cause)})` : "";
  return `${error.name}: ${error.message}${cause}`;
}
