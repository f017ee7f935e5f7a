/** `generated/events.ts`: what a webhook can bring. */
import type { DescribedEvent } from "./events.js";
import { compareText } from "./json.js";

export function emitEvents(events: readonly DescribedEvent[]): string {
  const names = events.map(({ name }) => name).toSorted(compareText);
  const types = [...new Set(events.flatMap((event) => event.types))].toSorted(compareText);
  const imported = names.length === 0 ? "" : `import type {\n${lines(names)}} from "./schema.js";\n\n`;
  const union = names.length === 0 ? " never" : names.map((name) => `\n  | ${name}`).join("");
  const type = names.length === 0 ? "never" : 'UpvestEvent["type"]';
  return `${imported}/** One event of a delivery; \`type\` says which. */
export type UpvestEvent =${union};

/** The types of the events that the description knows. */
export type EventType = ${type};

/** Every {@link EventType}, in alphabetical order. */
export const eventTypes: readonly string[] = [
${lines(types.map((value) => JSON.stringify(value)))}];
`;
}

const lines = (items: readonly string[]): string => items.map((item) => `  ${item},\n`).join("");
