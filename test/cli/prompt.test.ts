import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { Interrupt } from "../../src/cli/io.js";
import { askSecret, type Terminal } from "../../src/cli/prompt.js";

/** A terminal that notes what is done to it. */
function aTerminal() {
  const events = new EventEmitter();
  const done: string[] = [];
  const note = (name: string) => (value?: unknown) =>
    done.push(value === undefined ? name : `${name} ${String(value)}`);
  const terminal: Terminal = {
    on: (event, listener) => events.on(event, listener),
    off: (event, listener) => events.off(event, listener),
    setRawMode: note("raw"),
    setEncoding: note("encoding"),
    resume: note("resume"),
    pause: note("pause"),
  };
  return {
    terminal,
    done,
    type: (text: string) => events.emit("data", text),
    listeners: () => events.listenerCount("data"),
  };
}

describe("a secret", () => {
  it.each<[string, readonly string[], string]>([
    ["letter by letter", ["a", "b", "\r"], "ab"],
    ["pasted, with its line feed", ["correct horse\n"], "correct horse"],
    ["with letters taken back", ["abé\u{1F511}\u007F\u007Fc\b\r"], "ab"],
    ["taken back beyond its beginning", ["\u007F\u007Fa\r"], "a"],
    ["begun again with Ctrl-U", ["wrong\u0015right\r"], "right"],
    ["without other control characters", ["a\u0007\u001Bb\r"], "ab"],
    ["empty", ["\r"], ""],
  ])("%s", async (_, typed, secret) => {
    const { terminal, done, type, listeners } = aTerminal();
    let shown = "";
    const asked = askSecret(terminal, (text) => (shown += text), "Passphrase: ");
    typed.forEach(type);
    expect(await asked).toBe(secret);
    expect(shown).toBe("Passphrase: \n");
    expect(done).toEqual(["raw true", "encoding utf8", "resume", "raw false", "pause"]);
    expect(listeners()).toBe(0);
  });

  it.each(["\u0003", "\u0004"])("Ctrl-C and Ctrl-D end it, and the terminal is as before", async (key) => {
    const { terminal, done, type } = aTerminal();
    const asked = askSecret(terminal, () => undefined, "?");
    type(`half${key}`);
    await expect(asked).rejects.toBeInstanceOf(Interrupt);
    expect(done.slice(-2)).toEqual(["raw false", "pause"]);
  });

  it("a signal ends it, one that came before it too", async () => {
    for (const late of [true, false]) {
      const { terminal, done, listeners } = aTerminal();
      const ending = new AbortController();
      if (!late) ending.abort(new Interrupt("SIGTERM"));
      const asked = askSecret(terminal, () => undefined, "?", ending.signal);
      if (late) ending.abort(new Interrupt("SIGTERM"));
      await expect(asked).rejects.toBe(ending.signal.reason);
      expect(done.slice(-2)).toEqual(["raw false", "pause"]);
      expect(listeners()).toBe(0);
    }
  });
});
