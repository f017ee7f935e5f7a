/** One line of the table: our figure beside another one, of the same run. */

export interface Goal {
  /** What the goal is about: our figure as such, or its ratio to the other one. */
  readonly of: "ours" | "ratio";
  readonly is: "<=" | "<" | "=";
  readonly value: number;
}

export interface Row {
  readonly name: string;
  readonly ours: number;
  /** What ours is set against, and its figure. Left out where there is nothing to compare. */
  readonly against?: string;
  readonly other?: number;
  readonly unit: string;
  /** The median over the rounds of ours to other; not the ratio of the two medians, which drift apart on a busy machine. */
  readonly ratio?: number;
  /** The lowest and the highest ratio of a round. */
  readonly range?: readonly [number, number];
  readonly goal?: Goal;
  readonly met?: boolean;
}

export const atMost = (value: number): Goal => ({ of: "ratio", is: "<=", value });
export const below = (value: number): Goal => ({ of: "ratio", is: "<", value });

export function isMet(
  { of, is, value }: Goal,
  { ours, ratio = Number.NaN }: Pick<Row, "ours" | "ratio">,
): boolean {
  const figure = of === "ours" ? ours : ratio;
  if (is === "=") return figure === value;
  return is === "<" ? figure < value : figure <= value;
}

/** @param row without its verdict */
export function judged(row: Omit<Row, "met">): Row {
  const { goal } = row;
  return goal === undefined ? row : { ...row, met: isMet(goal, row) };
}

/** Hands the rows to the process that started this measurement; run by hand, they are printed. */
export function report(rows: readonly Omit<Row, "met">[]): void {
  const told = rows.map(judged);
  if (process.send === undefined) console.log(JSON.stringify(told, undefined, 2));
  else process.send(told);
}
