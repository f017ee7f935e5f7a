/**
 * One line as several where it does not fit. Two blanks part what belongs apart: it breaks there, and between words only
 * within what is longer than a line. Without a width (no terminal): one line.
 */
export function folded(line: string, columns: number | undefined, indent = "  "): string {
  if (columns === undefined || line.length <= columns) return line;
  const parts = line
    .split(/(?<=\S)(?= {2})/)
    .flatMap((part) => (part.length > columns - indent.length ? part.split(/(?<=\S)(?= +\S)/) : [part]));
  const lines: string[] = [];
  let current = "";
  for (const part of parts) {
    if (current !== "" && current.length + part.length > columns) {
      lines.push(current);
      current = `${indent}${part.trimStart()}`;
    } else current += part;
  }
  return [...lines, current].join("\n");
}
