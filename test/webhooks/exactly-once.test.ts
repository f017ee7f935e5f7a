import { expect, it } from "vitest";
import { createWebhookReceiver, type SeenStore, type WebhookHandler } from "../../src/webhooks/index.js";
import { anEvent, asRequest, batch, deliver, publicKeys, clock, type TestEvent } from "./support.js";

const total = 10_000;

/** Numbers in [0, 1) that are the same at every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What outlives a process: the marks, and what the handler did, written together as one transaction would. */
class Disk {
  readonly marks = new Map<string, string>();
  readonly done = new Map<string, number>();
}

interface Process {
  receive(events: readonly TestEvent[]): Promise<number | "killed">;
  readonly isDead: () => boolean;
}

/**
 * A process with a receiver. At any step that reaches outside it may be killed: then nothing of it moves any more, the
 * step it was at included, and the connection is gone.
 */
function startProcess(disk: Disk, random: () => number, batched: boolean): Process {
  let dead = false;
  let die = (): void => undefined;
  const killed = new Promise<"killed">((resolve) => {
    die = () => {
      dead = true;
      resolve("killed");
    };
  });
  const never = new Promise<never>(() => undefined);
  const step = async (): Promise<void> => {
    await new Promise(setImmediate);
    if (random() < 0.004) die();
    if (dead) await never;
  };

  const staged = new Set<string>();
  const seen: SeenStore = {
    async get(id) {
      await step();
      return disk.marks.get(id);
    },
    async set(key, value) {
      await step();
      disk.marks.set(key, value);
      const id = key.slice(key.lastIndexOf(":") + 1);
      if (staged.delete(id)) disk.done.set(id, (disk.done.get(id) ?? 0) + 1);
    },
  };
  const handleOne = async ({ id }: { readonly id: string }): Promise<void> => {
    await step();
    if (random() < 0.02) throw new Error("the handler fails at random");
    staged.add(id);
    await step();
  };
  const handler: WebhookHandler = batched
    ? { batch: async (events) => void (await Promise.all(events.map(handleOne))) }
    : handleOne;
  const receiver = createWebhookReceiver({ keys: publicKeys, clock, seen });
  return {
    isDead: () => dead,
    receive: (events) =>
      Promise.race([
        killed,
        receiver.handle(asRequest(deliver({ body: batch(...events) })), handler).then(({ status }) => status),
      ]),
  };
}

it.each([
  ["one by one", false],
  ["in batches", true],
])("%s: 10,000 events, killed and restarted, failing at random: each once, none lost", async (_, batched) => {
  const random = randomFrom(batched ? 7 : 11);
  const disk = new Disk();
  let running = startProcess(disk, random, batched);
  let restarts = 0;
  let repeats = 0;

  const attempt = async (events: readonly TestEvent[]): Promise<boolean> => {
    if (running.isDead()) {
      running = startProcess(disk, random, batched);
      restarts += 1;
    }
    return (await running.receive(events)) === 200;
  };

  // The sender: batches of 1 to 20, each repeated until it is taken, sometimes though it was, sometimes twice at once.
  let nth = 0;
  while (nth < total) {
    const size = Math.min(total - nth, 1 + Math.floor(random() * 20));
    const events = Array.from({ length: size }, (_, at) => anEvent(nth + at));
    nth += size;
    for (;;) {
      const attempts = await Promise.all(
        random() < 0.1 ? [attempt(events), attempt(events)] : [attempt(events)],
      );
      const answerLost = random() < 0.05;
      if (attempts.some(Boolean) && !answerLost) break;
      repeats += 1;
    }
  }

  expect(disk.done.size).toBe(total);
  expect([...disk.done.values()].every((times) => times === 1)).toBe(true);
  expect(restarts).toBeGreaterThan(20);
  expect(repeats).toBeGreaterThan(100);
});
