import { UpvestError, type UpvestClient } from "upvest-client";
import { explainError } from "./explain-error.js";
import { exitCodeOf } from "./exit-codes.js";
import { Interrupt, type Io } from "./io.js";
import { untypedWalk, type UntypedCall } from "./untyped.js";

export interface WalkFlags {
  readonly max?: number;
  readonly verify?: boolean;
  readonly concurrency?: number;
}

/** Walks a collection: items to stdout, one a line; how far it is to stderr, where that is a terminal. */
export async function printItems(
  io: Io,
  client: UpvestClient,
  call: UntypedCall,
  { max = Number.POSITIVE_INFINITY, verify = false, concurrency = 1 }: WalkFlags,
): Promise<void> {
  const from = performance.now();
  let [items, pages] = [0, 0];
  /** Behind the last page that was written; a little before that where a verified walk's pages overlap. */
  let next: number | undefined;
  try {
    for await (const { data, meta } of untypedWalk(client, call, { verify, concurrency }).pages()) {
      const taken = data.slice(0, max - items);
      items += taken.length;
      pages += 1;
      next = meta.offset + data.length;
      // A page at a time: a line at a time would cost a system call for each.
      if (taken.length > 0) await io.print(`${taken.map((item) => JSON.stringify(item)).join("\n")}\n`);
      io.progress(`${items} of ${Math.min(max, meta.total_count)} items`);
      if (items >= max) break;
    }
  } catch (error) {
    const resume = resumeOffset(error, next);
    if (resume === undefined) throw error;
    explainError(io, error);
    const again = verify && items > 0 ? " (it begins with items that were written)" : "";
    io.say(`${items} items were written. To go on where the walk stopped: --query offset=${resume}${again}`);
    io.exitCode = exitCodeOf(error);
    return;
  }
  io.say(`${count(items, "item")}, ${count(pages, "page")}, ${Math.round(performance.now() - from)} ms`);
}

function resumeOffset(error: unknown, next: number | undefined): number | undefined {
  if (error instanceof UpvestError) return error.resumeOffset;
  return error instanceof Interrupt && error.signal !== "SIGPIPE" ? next : undefined;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
