import { cpus, loadavg } from "node:os";

/** Where and when figures were taken. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly date: string;
  /** How many processes wanted a core when it began, averaged over a minute: above zero, other work was going on. */
  readonly load: number;
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  node: process.version,
  date: new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC",
  load: Number(loadavg()[0]?.toFixed(1) ?? 0),
});
