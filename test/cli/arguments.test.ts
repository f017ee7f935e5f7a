import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commandLine, pair, whole, words } from "../../src/cli/arguments.js";

it("whole numbers, within bounds", () => {
  expect(whole(1)("12")).toBe(12);
  for (const text of ["0", "-1", "1.5", "1e3", "", " 1", "x"])
    expect(() => whole(1)(text)).toThrow("1 or more");
  expect(() => whole(0, 65_535)("70000")).toThrow("from 0 to 65535");
});

it("pairs are collected; the first separator counts", () => {
  expect(pair("=")("b=c=d", pair("=")("a=1"))).toEqual([
    ["a", "1"],
    ["b", "c=d"],
  ]);
  expect(pair(":")("accept: application/pdf")).toEqual([["accept", "application/pdf"]]);
  for (const text of ["a", "=a", ""]) expect(() => pair("=")(text)).toThrow("NAME=VALUE");
});

it("words, by comma, space or repetition", () => {
  expect(words("b, c", words("a"))).toEqual(["a", "b", "c"]);
});

describe("a command line", () => {
  it.skipIf(process.platform === "win32")("is read back by a shell as it was typed", () => {
    const argv = ["request", "POST", "/orders?a=1&b=2", "--data", '{"name":"O\'Neill $HOME `x` \\ \n"}', ""];
    const line = commandLine({}, argv).replace("upvest-client", String.raw`printf '%s\0'`);
    const read = execFileSync("sh", ["-c", line], { encoding: "utf8" });
    expect(read.split("\0").slice(0, -1)).toEqual(argv);
  });

  it("begins as it was called", () => {
    expect(commandLine({}, ["doctor"])).toBe("upvest-client doctor");
    expect(commandLine({ npm_command: "exec" }, ["doctor"])).toBe("npx upvest-client doctor");
  });
});
