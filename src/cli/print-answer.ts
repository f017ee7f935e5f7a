import { STATUS_CODES } from "node:http";
import type { CallResult } from "upvest-client";
import { hideSecrets } from "../pipeline/hide-secrets.js";
import type { Operation } from "../pipeline/request.js";
import { inert } from "./clean.js";
import { folded } from "./folded.js";
import type { Io } from "./io.js";
import type { Exchange } from "./watch-fetch.js";

export interface AnswerFlags {
  readonly json?: boolean;
  readonly include?: boolean;
}

/** Body to stdout, facts to stderr. @throws the UpvestApiError of a refusal, once its facts are told */
export async function printAnswer(
  io: Io,
  operation: Operation,
  result: CallResult<unknown>,
  exchanges: readonly Exchange[],
  flags: AnswerFlags,
): Promise<void> {
  io.say(folded(factsOf(operation, result, exchanges), io.columns()));
  const printing = printBody(io, result, flags);
  if (result.error === undefined) return printing;
  // The refusal is the news, also where nobody takes what is printed.
  await printing.catch(() => undefined);
  throw result.error;
}

async function printBody(io: Io, result: CallResult<unknown>, flags: AnswerFlags): Promise<void> {
  const { response, error, data } = result;
  if (flags.include === true) {
    const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\n`).join("");
    const head = `HTTP ${response.status} ${STATUS_CODES[response.status] ?? ""}\n${headers}\n`;
    await io.print(io.isTTY.stdout ? inert(hideSecrets(head)) : hideSecrets(head));
  }
  if (error !== undefined) {
    if (flags.json === true || flags.include === true) await io.print(jsonFor(io, error.problem, flags));
  } else if (data instanceof ArrayBuffer) await io.print(new Uint8Array(data));
  else if (data !== undefined) await io.print(jsonFor(io, data, flags));
}

function jsonFor(io: Io, data: unknown, { json }: AnswerFlags): string {
  if (json === true || !io.isTTY.stdout) return `${JSON.stringify(data)}\n`;
  return `${inert(JSON.stringify(data, undefined, 2))}\n`;
}

function factsOf(operation: Operation, result: CallResult<unknown>, exchanges: readonly Exchange[]): string {
  const { response, requestId, attempts } = result;
  const time = (kind: boolean): number =>
    Math.round(
      exchanges.filter(({ isToken }) => isToken === kind).reduce((sum, { duration }) => sum + duration, 0),
    );
  return [
    `${response.status} ${STATUS_CODES[response.status] ?? ""}`.trim(),
    operation.id,
    ...(requestId === undefined ? [] : [`request id ${requestId}`]),
    attempts === 1 ? "1 attempt" : `${attempts} attempts`,
    `${time(false)} ms (token ${time(true)} ms)`,
  ].join("  ");
}
