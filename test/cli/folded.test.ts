import { describe, expect, it } from "vitest";
import { folded } from "../../src/cli/folded.js";

describe("a line on a terminal", () => {
  const line = "200 OK  list_accounts  request id 7b0f4a6e-0d5c  1 attempt";

  it.each<[string, number | undefined, string]>([
    ["no terminal", undefined, line],
    ["it fits", line.length, line],
    [
      "the last word does not",
      line.length - 1,
      "200 OK  list_accounts  request id 7b0f4a6e-0d5c  1\n  attempt",
    ],
    ["several lines", 24, "200 OK  list_accounts\n  request id\n  7b0f4a6e-0d5c  1\n  attempt"],
    [
      "a word that is longer than the line stays whole",
      10,
      "200 OK\n  list_accounts\n  request\n  id\n  7b0f4a6e-0d5c\n  1\n  attempt",
    ],
  ])("%s", (_, columns, expected) => {
    expect(folded(line, columns)).toBe(expected);
  });
});
