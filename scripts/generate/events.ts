import { isObject, objectAt, own, stringsAt, type JsonObject } from "./json.js";
import { contentOf, describedOperations } from "./operations.js";
import { dereference, together } from "./references.js";
import { componentKey } from "./schema.js";

/** One category of webhook events. */
export interface DescribedEvent {
  /** The name of its schema. */
  readonly name: string;
  /** With the parts of `allOf` taken together. */
  readonly schema: JsonObject;
  /** The values of `type` that it comes with, in the order of the description. */
  readonly types: readonly string[];
}

/**
 * The events of a named description, in its order: the bodies of its webhooks. (What is sent is a list of events; the mark
 * `x-delivery` says so, and the receiver unpacks it.) A body without a `type` that lists its values is no event.
 */
export function describedEvents(document: JsonObject): DescribedEvent[] {
  const events = new Map<string, DescribedEvent>();
  for (const { operation } of describedOperations(document, "webhooks")) {
    const body = dereference(document, own(operation, "requestBody"));
    for (const [, media] of contentOf(body)) {
      const event = eventIn(document, own(media, "schema"));
      if (event !== undefined && !events.has(event.name)) events.set(event.name, event);
    }
  }
  return [...events.values()];
}

function eventIn(document: JsonObject, body: JsonObject[string]): DescribedEvent | undefined {
  const name = isObject(body) ? componentKey(body) : undefined;
  const written = dereference(document, body);
  const schema = written && together(document, written);
  const type = dereference(document, objectAt(objectAt(schema, "properties"), "type"));
  if (name === undefined || schema === undefined || type === undefined) return undefined;
  const constant = own(type, "const");
  const types = typeof constant === "string" ? [constant] : stringsAt(type, "enum");
  return types.length === 0 ? undefined : { name, schema, types };
}
