const WIDTH = 110;

/** `text` in lines of readable length, each but the first begun with `hanging`. */
export function wrap(text: string, indent: string, hanging: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    const blank = line.trim() === "";
    if (!blank && line.length + word.length + 1 > WIDTH) {
      lines.push(line.trimEnd());
      line = hanging + word;
    } else {
      line += blank ? word : ` ${word}`;
    }
  }
  return [...lines, line.trimEnd()];
}

/** The first few of `items`, and how many more there are. */
export function listed(items: readonly string[], most: number): string {
  const shown = items.slice(0, items.length === most + 1 ? most + 1 : most);
  const more = items.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
