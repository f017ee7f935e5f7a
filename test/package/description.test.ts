/** The published description is the generated one without what the sandbox does not read. */
import { expect, it } from "vitest";
import { description } from "../../generated/description.js";
import { needed } from "../../scripts/build/pack-description.js";
import { createSamples } from "../../src/sandbox/sample-event.js";

type Paths = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
const published = needed(description);

it("refers to nothing that is not in it", () => {
  const references = [...JSON.stringify(published).matchAll(/"#\/components\/(\w+)\/([^"]+)"/g)];
  expect(references.length).toBeGreaterThan(500);
  const components = published["components"] as Record<string, Record<string, unknown>>;
  expect(references.filter(([, kind = "", name = ""]) => components[kind]?.[name] === undefined)).toEqual([]);
});

it("keeps what is asked of a request and all that an answer is made of", () => {
  const kept = published["paths"] as Paths;
  const read = ([path, methods]: [string, Paths[string]]) =>
    Object.entries(methods).map(([method, { responses, parameters }]) => [
      path,
      method,
      responses,
      parameters,
    ]);
  const all = Object.entries(description["paths"] as unknown as Paths).flatMap(read);
  expect(all.length).toBeGreaterThan(100);
  expect(Object.entries(kept).flatMap(read)).toEqual(all);
  expect(JSON.stringify(kept).match(/"schema":/g)).toHaveLength(
    JSON.stringify(description["paths"]).match(/"schema":/g)?.length ?? 0,
  );
});

it("has the same samples of events", () => {
  const [whole, less] = [createSamples(description), createSamples(published)];
  expect(less(["ALL"])).toEqual(whole(["ALL"]));
  for (const category of ["USER", "ORDER", "ACCOUNT", "PORTFOLIO_ORDER"]) {
    const [one, other] = [whole([category]), less([category])];
    // Where there is no example, the object is an id made up at the call.
    expect([other.type, Object.keys(Object(other.object))]).toEqual([
      one.type,
      Object.keys(Object(one.object)),
    ]);
  }
});
