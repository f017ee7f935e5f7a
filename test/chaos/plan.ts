import { answerFaults } from "./answer-faults.js";
import { connectionFaults } from "./connection-faults.js";
import { dice } from "./dice.js";
import type { Fault } from "./fault.js";

export const allFaults: readonly Fault[] = [...connectionFaults, ...answerFaults];

/**
 * What happens to the nth request (from 0) that a call sends. It depends on the seed, the call's name and the number
 * alone, so that a run can be repeated although its calls never come in the same order twice.
 */
export type Plan = (call: string, nth: number) => Fault | undefined;

/** What names of calls begin with, which decides how rough their way is. */
export const kinds = { write: "write", walk: "walk", token: "token" } as const;

/** From here on a call is left alone, so that repeating it comes to an end. */
const CALM_AFTER = 12;

/** How many requests in a row a hopeless call loses: more than the client makes. */
const HOPELESS = 8;

/** Faults that strike the call they are meant for and no other. */
export const aimed = (fault: Fault): boolean => fault.spreads !== true;

export function plan(seed: number, admit: (fault: Fault) => boolean = () => true): Plan {
  const choose = (call: string, nth: number): Fault | undefined => {
    const where = call.startsWith(kinds.walk) ? "walks" : "writes";
    const faults = allFaults.filter((fault) => (fault.only ?? where) === where && admit(fault));
    const sum = faults.reduce((total, { weight }) => total + weight, 0);
    let at = dice(seed, "fault", call, nth).next() * sum;
    return faults.find(({ weight }) => (at -= weight) < 0);
  };
  const strikes = (call: string, nth: number): boolean => {
    const each = dice(seed, "strike", call, nth);
    if (call.startsWith(kinds.walk)) return each.chance(0.1);
    // Every so often the token endpoint is away for longer than the client has patience.
    if (call.startsWith(kinds.token)) {
      const block = Math.floor(nth / HOPELESS);
      return block > 0 && dice(seed, "outage", block).chance(0.1) ? true : each.chance(0.15);
    }
    if (nth >= CALM_AFTER) return false;
    const temper = dice(seed, "temper", call).next();
    if (temper < 0.4) return false;
    if (temper < 0.7) return nth === 0;
    return temper < 0.94 ? each.chance(0.6) : nth < HOPELESS;
  };
  return (call, nth) => (strikes(call, nth) ? choose(call, nth) : undefined);
}
