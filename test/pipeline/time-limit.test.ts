import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { sleep } from "../../src/pipeline/time-limit.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("a wait longer than a timer can hold does not end at once", async () => {
  let over = false;
  // `Retry-After: 99999999999999`, with a maxRetryAfter of Infinity.
  const slept = sleep(99_999_999_999_999_000, new AbortController().signal).then(() => (over = true));
  await vi.advanceTimersByTimeAsync(24 * 24 * 60 * 60 * 1000);
  expect(over).toBe(false);
  await vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1000);
  await slept;
  expect(over).toBe(true);
});
