import { discard } from "./collect.js";
import type { Layer } from "./request.js";
import { parseHttpDate } from "./retry-after.js";

/** The time as the server has it, as far as its answers have told. */
export interface ServerClock {
  /** ms since the epoch, what signatures are dated with. */
  readonly now: () => number;
  /** ms that the server is ahead of the local clock. */
  readonly offset: () => number;
  readonly learn: (date: string | null) => void;
}

/** A `date` is cut to the second and travels for a while: a smaller difference says nothing. ms. */
const NOTICEABLE = 2_000;

/**
 * @param clock the local one, ms
 * @param corrects false: the local clock is always right
 */
export function createServerClock(clock: () => number, corrects: boolean): ServerClock {
  let offset = 0;
  return {
    now: () => clock() + offset,
    offset: () => offset,
    learn(date) {
      const now = clock();
      const told = corrects ? parseHttpDate(date ?? "", now) : undefined;
      if (told === undefined) return;
      // Half a second on average is cut off.
      const measured = told + 500 - now;
      if (Math.abs(measured - offset) > NOTICEABLE) offset = measured;
    },
  };
}

/**
 * A clock that is off by more than a signature lives makes every call fail. The refusal carries the server's `date`:
 * where it shows that the request was dated wrongly, the offset is kept and the request signed once more. The API does
 * nothing on a 401, so this is safe for every method.
 */
export const correctSkew =
  (server: ServerClock): Layer =>
  (next) =>
  async (request) => {
    const used = server.offset();
    const response = await next(request);
    if (response.status !== 401) return response;
    server.learn(response.headers.get("date"));
    // Another call may have learned it meanwhile: what counts is what this one was signed with.
    if (Math.abs(server.offset() - used) <= NOTICEABLE) return response;
    await discard(response);
    return next(request);
  };
