import { describe, expect, it } from "vitest";
import { answering, api, event, events, judgements, sending, type SurfaceCase } from "./spec-support.js";

const TEXT = { type: "string" };
const FIELDS = { type: "object", properties: { name: TEXT } };

const CASES: readonly SurfaceCase[] = [
  [
    "there is a new event",
    events(event("Things", ["THING.NEW"])),
    events(event("Things", ["THING.NEW"]), event("Items", ["ITEM.NEW"])),
    "event.added: compatible, minor",
    "name.added: none, minor",
  ],
  [
    "an event is gone",
    events(event("Things", ["THING.NEW"]), event("Items", ["ITEM.NEW"])),
    events(event("Things", ["THING.NEW"])),
    "event.removed: breaking, major",
    "name.removed: none, major",
  ],
  [
    "an event has a new type",
    events(event("Things", ["THING.NEW"])),
    events(event("Things", ["THING.NEW", "THING.GONE"])),
    "event-type.added: compatible, minor",
  ],
  [
    "an event type is gone",
    events(event("Things", ["THING.NEW", "THING.GONE"])),
    events(event("Things", ["THING.NEW"])),
    "event-type.removed: breaking, major",
  ],
  [
    "an event has a new field",
    events(event("Things", ["THING.NEW"])),
    events(event("Things", ["THING.NEW"], { note: TEXT })),
    "field.added: compatible, minor",
  ],
  [
    "an event is called otherwise",
    events(event("Thing", ["THING.NEW"])),
    events(event("All things", ["THING.NEW"])),
    "name.renamed: none, major",
  ],
  [
    "an event type moves to another event",
    events(event("Things", ["THING.NEW", "THING.ODD", "THING.GONE"]), event("Items", ["ITEM.NEW"])),
    events(event("Things", ["THING.NEW", "THING.GONE"]), event("Items", ["ITEM.NEW", "THING.ODD"])),
  ],
  [
    "a type has another name",
    api({ paths: { "/things": { get: answering({ ...FIELDS, title: "Thing" }) } } }),
    api({ paths: { "/things": { get: answering({ ...FIELDS, title: "Item" }) } } }),
    "name.renamed: none, major",
  ],
  [
    "a type is declared apart instead of in place",
    api({ paths: { "/things": { post: sending({ ...FIELDS, title: "Thing" }) } } }),
    api({
      paths: { "/things": { post: sending({ $ref: "#/components/schemas/Anything" }) } },
      schemas: { Anything: { ...FIELDS, title: "Thing" } },
    }),
  ],
];

describe("a change of an event or a name", () => {
  for (const [change, before, after, ...expected] of CASES) {
    it(`when ${change}`, () => {
      expect(judgements(before, after)).toEqual(expected);
    });
  }
});
