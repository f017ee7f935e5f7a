/** One line of the report. */
export interface Finding {
  readonly mark: "ok" | "warn" | "FAIL" | "skip";
  /** What was looked at, `key`. */
  readonly what: string;
  readonly told: string;
  /** What to do about it; always there with `warn` and `FAIL`. */
  readonly todo?: string;
}

type Plain = (what: string, told: string) => Finding;
type Advised = (what: string, told: string, todo: string) => Finding;

export const ok: Plain = (what, told) => ({ mark: "ok", what, told });
export const skip: Plain = (what, told) => ({ mark: "skip", what, told });
export const warn: Advised = (what, told, todo) => ({ mark: "warn", what, told, todo });
export const fail: Advised = (what, told, todo) => ({ mark: "FAIL", what, told, todo });

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
