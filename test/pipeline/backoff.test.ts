import fc from "fast-check";
import { expect, it } from "vitest";
import { backoff } from "../../src/pipeline/backoff.js";
import { defaultRetry } from "../../src/pipeline/retry.js";

it.each([
  [1, 500],
  [2, 1_000],
  [3, 2_000],
  [4, 4_000],
  [5, 8_000],
  [6, 8_000],
  [60, 8_000],
])("after attempt %d the ceiling is %d ms", (attempt, ceiling) => {
  expect(backoff(attempt, defaultRetry, 0)).toBe(0);
  expect(backoff(attempt, defaultRetry, 0.5)).toBe(ceiling / 2);
});

it("never leaves its bounds", () => {
  const options = fc.record({ baseDelay: fc.nat(10_000), maxDelay: fc.nat(100_000) });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      options,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (n, given, random) => {
        const ms = backoff(n, { ...defaultRetry, ...given }, random);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(given.maxDelay);
      },
    ),
  );
});
