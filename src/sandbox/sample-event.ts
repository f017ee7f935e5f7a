import { randomUUID } from "node:crypto";
import { categoryOf, type SandboxEvent } from "./delivery-events.js";
import { dereferencer, isRecord, record, text, type Json } from "./json.js";

/**
 * The event of a test delivery: an example of the description, of the first category that the subscription names
 * (which event Upvest sends is not documented). Where there is none, an event about nothing in particular.
 */
export type SampleOf = (types: readonly unknown[]) => SandboxEvent;

export function createSamples(document: Json): SampleOf {
  const examples = readExamples(document);
  return (types) => {
    const example = examples.find(({ type }) => types.includes("ALL") || types.includes(categoryOf(type)));
    if (example !== undefined) return example;
    const category = types.map(text).find((type) => type !== undefined && type !== "ALL");
    return { type: `${category ?? "USER"}.CREATED`, object: { id: randomUUID() } };
  };
}

/** Of an OpenAPI 3.1 document, or of the published 3.0 one, which has its webhooks under `x-webhooks`. */
function readExamples(document: Json): readonly SandboxEvent[] {
  const resolve = dereferencer(document);
  const hooks = record(document["webhooks"] ?? document["x-webhooks"]);
  return Object.values(hooks).flatMap((hook) => {
    const content = record(resolve(record(resolve(hook)["post"])["requestBody"])["content"]);
    const media = record(content["application/json"]);
    const named = Object.values(record(media["examples"])).map((example) => resolve(example)["value"]);
    return [media["example"], ...named].flatMap(readEvent);
  });
}

function readEvent(example: unknown): readonly SandboxEvent[] {
  const { type, object } = record(example);
  return typeof type === "string" && isRecord(object) ? [{ type, object }] : [];
}
