import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "./machine.js";
import type { Row } from "./row.js";
import { markdown } from "./table.js";

/** All that a run found, measurement by measurement. */
export interface Results {
  readonly machine: Machine;
  readonly measurements: Readonly<Record<string, readonly Row[]>>;
}

const pathOf = (root: string, name: string): string => join(root, "bench/results", `${name}.json`);

export const readResults = (root: string, name: string): Results =>
  JSON.parse(readFileSync(pathOf(root, name), "utf8")) as Results;

export function writeResults(root: string, name: string, results: Results): void {
  writeFileSync(pathOf(root, name), `${JSON.stringify(results, rounded, 2)}\n`);
}

/** No figure here is good to more than four digits. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

const BEGIN = "<!-- figures -->";
const END = "<!-- end of figures -->";

/** Puts the tables of a run into bench/README.md, between two marks. */
export function writeReadme(root: string, { machine, measurements }: Results): void {
  const path = join(root, "bench/README.md");
  const text = readFileSync(path, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`bench/README.md lacks the marks ${BEGIN} and ${END}`);
  const { cpu, cores, node, date, load } = machine;
  const about = `${date}: ${cpu}, ${cores} cores, Node ${node}; load ${load} before.`;
  const tables = Object.entries(measurements).map(([name, rows]) => `### ${name}\n\n${markdown(rows)}`);
  writeFileSync(
    path,
    `${text.slice(0, begin)}${BEGIN}\n${[about, ...tables].join("\n\n")}\n${text.slice(end)}`,
  );
}
