/** Words of one line, broken before a word that would not be whole. Without a width (no terminal): one line. */
export function folded(line: string, columns: number | undefined, indent = "  "): string {
  if (columns === undefined || line.length <= columns) return line;
  // Two blanks part what belongs apart: they stay where the line goes on.
  const words = line.split(/(?<=\S)(?= +\S)/);
  const lines: string[] = [];
  let current = "";
  for (const word of words) {
    if (current !== "" && current.length + word.length > columns) {
      lines.push(current);
      current = `${indent}${word.trimStart()}`;
    } else current += word;
  }
  return [...lines, current].join("\n");
}
