import { get, type IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";
import type { Entry } from "../../../src/inspector/entry.js";

/** What an inspector's stream sent, read as a browser would. */
export interface Stream {
  /** Everything that came, byte for byte. */
  readonly text: () => string;
  /** The newest state of each entry, in the order in which they first came. */
  readonly entries: () => readonly Entry[];
  /** The id of the last event. */
  readonly lastId: () => string;
  /** Resolves with what `find` gives once it gives something. */
  readonly until: <Found>(find: (entries: readonly Entry[]) => Found | undefined) => Promise<Found>;
  readonly close: () => void;
}

export async function openStream(inspector: string, headers: Record<string, string> = {}): Promise<Stream> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${inspector}events`, { headers }, resolve).on("error", reject);
  });
  let text = "";
  let listeners: (() => void)[] = [];
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    text += chunk;
    for (const listener of listeners) listener();
  });
  response.on("error", () => undefined);
  const close = (): void => void response.destroy();
  onTestFinished(close);

  /** Whole events only: what comes after the last blank line is not over yet. */
  const blocks = (): readonly string[] => text.split("\n\n").slice(0, -1);
  const entries = (): readonly Entry[] => {
    const newest = new Map<string, Entry>();
    for (const block of blocks()) {
      if (!block.startsWith("id: ")) continue;
      const entry = JSON.parse(block.slice(block.indexOf("\ndata: ") + 7)) as Entry;
      newest.set(entry.id, entry);
    }
    return [...newest.values()];
  };
  return {
    text: () => text,
    entries,
    lastId: () =>
      blocks()
        .findLast((block) => block.startsWith("id: "))
        ?.split("\n")[0]
        ?.slice(4) ?? "",
    until: (find) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = find(entries());
          if (found === undefined) return;
          listeners = listeners.filter((each) => each !== look);
          resolve(found);
        };
        listeners.push(look);
        look();
      }),
    close,
  };
}

/** The newest entry that was answered and whose attempts are all told of. */
export const settled =
  (wanted: (entry: Entry) => boolean) =>
  (entries: readonly Entry[]): Entry | undefined =>
    entries.findLast((entry) => entry.status !== "pending" && wanted(entry));
