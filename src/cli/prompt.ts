import { Interrupt } from "./io.js";

/** What is needed of `process.stdin` to read without echo. */
export interface Terminal {
  setRawMode(raw: boolean): unknown;
  setEncoding(encoding: "utf8"): unknown;
  on(event: "data", listener: (chunk: string) => void): unknown;
  off(event: "data", listener: (chunk: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/**
 * Asks a question on a terminal and reads a line that is not shown.
 *
 * @param write where the question goes
 * @param signal ends it: signals that others send, and a Ctrl-C that came before the terminal was in raw mode
 * @throws Interrupt on Ctrl-C and Ctrl-D: in raw mode the terminal makes no signal of them
 */
export function askSecret(
  terminal: Terminal,
  write: (text: string) => void,
  question: string,
  signal?: AbortSignal,
): Promise<string> {
  terminal.setRawMode(true);
  write(question);
  terminal.setEncoding("utf8");
  terminal.resume();
  return new Promise<string>((resolve, reject) => {
    let typed = "";
    const end = (settle: () => void): void => {
      terminal.off("data", read);
      signal?.removeEventListener("abort", stop);
      terminal.setRawMode(false);
      terminal.pause();
      write("\n");
      settle();
    };
    const read = (chunk: string): void => {
      for (const character of chunk) {
        if (character === "\r" || character === "\n") return end(() => resolve(typed));
        if (character === "\u0003" || character === "\u0004")
          return end(() => reject(new Interrupt("SIGINT")));
        if (character === "\u007F" || character === "\b") typed = Array.from(typed).slice(0, -1).join("");
        else if (character === "\u0015") typed = "";
        else if (character >= " ") typed += character;
      }
    };
    const stop = (): void => end(() => reject(signal?.reason as Error));
    terminal.on("data", read);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop);
  });
}
