import { describe, expect, it } from "vitest";
import { folded } from "../../src/cli/folded.js";

describe("a line on a terminal", () => {
  const line = "200 OK  list_accounts  request id 7b0f4a6e-0d5c  1 attempt";

  it.each<[string, number | undefined, string]>([
    ["no terminal", undefined, line],
    ["it fits", line.length, line],
    [
      "the last part does not",
      line.length - 1,
      "200 OK  list_accounts  request id 7b0f4a6e-0d5c\n  1 attempt",
    ],
    ["several lines", 29, "200 OK  list_accounts\n  request id 7b0f4a6e-0d5c\n  1 attempt"],
    ["a part is too long", 20, "200 OK\n  list_accounts\n  request id\n  7b0f4a6e-0d5c\n  1 attempt"],
    [
      "a word is too long: it stays whole",
      10,
      "200 OK\n  list_accounts\n  request\n  id\n  7b0f4a6e-0d5c\n  1\n  attempt",
    ],
  ])("%s", (_, columns, expected) => {
    expect(folded(line, columns)).toBe(expected);
  });
});
