import { CommanderError } from "commander";
import { expect, it } from "vitest";
import {
  UpvestApiError,
  UpvestConfigError,
  UpvestConnectionError,
  UpvestError,
  UpvestTimeoutError,
  UpvestUnknownOutcomeError,
} from "upvest-client";
import { CliError, exitCodeOf } from "../../src/cli/exit-codes.js";
import { Interrupt } from "../../src/cli/io.js";

const call = { operationId: "place_order", operation: "POST /orders", attempts: 1 };

it.each<[number, unknown]>([
  [0, new CommanderError(0, "commander.help", "help")],
  [0, new Interrupt("SIGPIPE")],
  [1, new UpvestApiError(call, { status: 403, problem: { type: "about:blank", status: 403 } })],
  [1, new UpvestError("The answer is not a page")],
  [2, new CommanderError(1, "commander.unknownOption", "unknown")],
  [2, new CliError("not so")],
  [1, new CliError("not so", { exitCode: 1 })],
  [2, new UpvestConfigError("no key")],
  [3, new UpvestUnknownOutcomeError(call, new Error("lost"))],
  [4, new UpvestConnectionError(call, { reason: "refused", mayHaveArrived: false })],
  [4, new UpvestTimeoutError(call, { limit: "timeout", milliseconds: 1 })],
  [70, new TypeError("a mistake")],
  [70, "a text"],
  [130, new Interrupt("SIGINT")],
  [143, new Interrupt("SIGTERM")],
])("%i: %s", (code, error) => {
  expect(exitCodeOf(error)).toBe(code);
});
