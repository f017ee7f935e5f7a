import type { Goal, Row } from "./row.js";

/** Three digits that count, or all of a whole number. */
export function figure(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return Math.abs(value) >= 100
    ? value.toFixed(0)
    : Math.abs(value) >= 10
      ? value.toFixed(1)
      : value.toFixed(2);
}

/** Ratios of a hundredth matter as well as those of ten. */
const ratioText = (value: number): string => (value < 0.2 ? value.toFixed(3) : value.toFixed(2));

const goalText = ({ of, is, value }: Goal, unit: string): string =>
  `${is === "=" ? "" : `${is} `}${value}${of === "ours" ? ` ${unit}` : ""}`.replace("<=", "≤");

const HEAD = ["", "ours", "against", "", "ratio", "lowest to highest", "goal", ""] as const;

function cellsOf({ name, ours, against = "", other, unit, ratio, range, goal, met }: Row): string[] {
  return [
    name,
    `${figure(ours)} ${unit}`,
    against,
    other === undefined ? "" : `${figure(other)} ${unit}`,
    ratio === undefined ? "" : ratioText(ratio),
    range === undefined ? "" : range.map(ratioText).join(" to "),
    goal === undefined ? "" : goalText(goal, unit),
    met === undefined ? "" : met ? "met" : "**missed**",
  ];
}

/** A Markdown table. */
export const markdown = (rows: readonly Row[]): string =>
  [HEAD, ["---", "---:", "---", "---:", "---:", "---:", "---:", "---"], ...rows.map(cellsOf)]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

const isText = (column: number): boolean => column === 0 || column === 2 || column === 7;

/** The same for a terminal: in columns, without the marks. */
export function plain(rows: readonly Row[]): string {
  const lines = [[...HEAD], ...rows.map(cellsOf)].map((cells) =>
    cells.map((cell) => cell.replaceAll("*", "")),
  );
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return lines.map(line).join("\n");
}
