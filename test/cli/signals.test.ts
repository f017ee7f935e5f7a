import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { Interrupt } from "../../src/cli/io.js";
import { hearSignals } from "../../src/cli/signals.js";

/** A process that signals are sent to at chosen times. */
function world() {
  const events = new EventEmitter();
  const [told, killed]: [string[], string[]] = [[], []];
  let now = 1_000;
  const process = Object.assign(events, {
    pid: 7,
    kill: (pid: number, signal: string) => killed.push(`${pid} ${signal}`),
  });
  const secondInterrupt = hearSignals(
    process,
    ({ signal }) => told.push(signal),
    () => now,
  );
  const send = (signal: "SIGINT" | "SIGTERM", after: number): void => {
    now += after;
    events.emit(signal, signal);
  };
  return { events, told, killed, secondInterrupt, send };
}

describe("signals", () => {
  it("the first is told, and the second ends the process", () => {
    const { told, killed, send, events } = world();
    send("SIGINT", 0);
    send("SIGINT", 500);
    expect({ told, killed }).toEqual({ told: ["SIGINT"], killed: ["7 SIGINT"] });
    // With nobody listening it does what it does to any process.
    expect(events.eventNames()).toEqual([]);
  });

  it("one Ctrl-C that npx passes on once more is one: what is to be told of a write still is", () => {
    const { told, killed, send } = world();
    send("SIGINT", 0);
    send("SIGINT", 3);
    expect({ told, killed }).toEqual({ told: ["SIGINT"], killed: [] });
    send("SIGTERM", 1);
    expect(killed).toEqual(["7 SIGTERM"]);
  });

  it("a repeat is known as one also behind another signal, since two at once are heard in either order", () => {
    const { killed, send, secondInterrupt } = world();
    const second = secondInterrupt();
    send("SIGINT", 0);
    send("SIGTERM", 1);
    send("SIGINT", 1);
    expect(second.aborted).toBe(true);
    expect(killed).toEqual([]);
  });

  it("where the second is asked for, the third ends the process, and each is one however often it comes", () => {
    const { told, killed, send, secondInterrupt } = world();
    const second = secondInterrupt();
    for (const after of [0, 2]) send("SIGINT", after);
    expect(second.aborted).toBe(false);
    for (const after of [900, 2]) send("SIGINT", after);
    expect(second.aborted).toBe(true);
    expect((second.reason as Interrupt).signal).toBe("SIGINT");
    expect({ told, killed }).toEqual({ told: ["SIGINT"], killed: [] });
    send("SIGINT", 900);
    expect(killed).toEqual(["7 SIGINT"]);
  });
});
