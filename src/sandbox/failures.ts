import type { OperationId } from "../../generated/operations.js";
import { requireMembers } from "./members.js";

/** An operationId: of our description, or of the one that the sandbox was given. */
export type SandboxOperation = OperationId | (string & {});

/** What to do wrong, and to which requests. See {@link Failure} for the kinds; `delay` may stand alone or with any. */
export type FailureRule = FailureTarget & Failure;

/** To which requests it happens, and how often. */
export interface FailureTarget {
  /** Only requests of this operationId; without it, of every operation but the token endpoint. */
  readonly operation?: SandboxOperation;
  /** How many requests fail; default 1. `Infinity`: all from now on. */
  readonly count?: number;
  /** How many matching requests pass first; default 0. */
  readonly skip?: number;
  /**
   * Milliseconds of real time before anything else happens. The effect comes after the wait, also when the caller
   * has gone by then; a second request with the same idempotency key waits with the first.
   */
  readonly delay?: number;
}

/** What to do wrong: a status, a lost connection, an answer cut short, or nothing but a delay. */
export type Failure = StatusFailure | DropFailure | TruncateFailure | DelayFailure;

/** Answers with this status and without the effect. */
export interface StatusFailure {
  readonly status: number;
  /** No body and none of the API's headers, as the edge in front of it answers 502; else a problem. */
  readonly bare?: boolean;
  /** `retry-after`: a number of seconds, or a string that is sent as it is. */
  readonly retryAfter?: number | string;
  readonly drop?: never;
  readonly truncate?: never;
}

/** Closes the connection without an answer: "before" the effect, or "after" it (an idempotent answer is kept). */
export interface DropFailure {
  readonly drop: "before" | "after";
  readonly status?: never;
  readonly truncate?: never;
}

/**
 * The effect takes place; the answer announces its full length, sends half and closes the connection.
 * An answer without a body is dropped whole.
 */
export interface TruncateFailure {
  readonly truncate: true;
  readonly status?: never;
  readonly drop?: never;
}

/** Only slow. */
export interface DelayFailure {
  readonly delay: number;
  readonly status?: never;
  readonly drop?: never;
  readonly truncate?: never;
}

export interface Failures {
  readonly add: (rule: FailureRule) => void;
  /** The rule that this request must fail by, if any; it is used up by one. */
  readonly next: (operation: string, issuesTokens: boolean) => FailureRule | undefined;
}

export function createFailures(isOperation: (id: string) => boolean): Failures {
  const rules: { readonly rule: FailureRule; skip: number; left: number }[] = [];
  return {
    add: (rule) => {
      checkRule(rule, isOperation);
      rules.push({ rule: { ...rule }, skip: rule.skip ?? 0, left: rule.count ?? 1 });
    },
    next: (operation, issuesTokens) => {
      for (const [index, entry] of rules.entries()) {
        const matches =
          entry.rule.operation === undefined ? !issuesTokens : entry.rule.operation === operation;
        if (!matches) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        if (entry.left <= 0) rules.splice(index, 1);
        return entry.rule;
      }
      return undefined;
    },
  };
}

const known: Readonly<Record<keyof FailureTarget | keyof StatusFailure, true>> = {
  operation: true,
  count: true,
  skip: true,
  delay: true,
  status: true,
  bare: true,
  retryAfter: true,
  drop: true,
  truncate: true,
};

function checkRule(rule: FailureRule, isOperation: (id: string) => boolean): void {
  requireMembers("fail: a rule", rule, known);
  const { operation, count = 1, skip = 0, delay, status, drop, truncate } = rule;
  if (operation !== undefined && !isOperation(operation)) {
    throw new TypeError(`fail: operation "${operation}" is not an operationId of the description.`);
  }
  if (count !== Number.POSITIVE_INFINITY && !(Number.isInteger(count) && count > 0)) {
    throw new TypeError(`fail: count must be a whole number above 0, or Infinity; it is ${count}.`);
  }
  if (!(Number.isInteger(skip) && skip >= 0)) {
    throw new TypeError(`fail: skip must be a whole number from 0; it is ${skip}.`);
  }
  if (delay !== undefined && !(delay >= 0 && delay <= 0x7f_ff_ff_ff)) {
    throw new TypeError(`fail: delay must be a number of milliseconds from 0; it is ${delay}.`);
  }
  if (status !== undefined && !(Number.isInteger(status) && status >= 400 && status <= 599)) {
    throw new TypeError(`fail: status must be a whole number from 400 to 599; it is ${status}.`);
  }
  if (drop !== undefined && drop !== "before" && drop !== "after") {
    throw new TypeError(`fail: drop must be "before" or "after"; it is ${String(drop)}.`);
  }
  const kinds = [status, drop, truncate].filter((kind) => kind !== undefined).length;
  if (kinds > 1 || (kinds === 0 && delay === undefined)) {
    throw new TypeError("fail: give one of status, drop and truncate, or delay alone.");
  }
}
