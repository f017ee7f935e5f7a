import { expect, test } from "vitest";
import { correct } from "../../scripts/generate/correct.js";
import { locate } from "../../scripts/generate/json-path.js";
import type { Json, JsonObject } from "../../scripts/generate/json.js";

const document: JsonObject = {
  info: { title: "A", contact: { name: "x" } },
  paths: {
    "/users": { parameters: [{ name: "a" }, { name: "b" }], get: { tags: ["one"] }, post: { tags: ["two"] } },
    "it's": { get: { tags: [] } },
  },
};

const apply = (...actions: Json[]): ReturnType<typeof correct> =>
  correct(document, { overlay: "1.0.0", actions }, "overlay.yaml");

test.each<[string, (string | number)[][]]>([
  ["$", [[]]],
  ["$.info", [["info"]]],
  ["$.info.contact.name", [["info", "contact", "name"]]],
  ["$['info']", [["info"]]],
  ['$["info"].title', [["info", "title"]]],
  ["$.paths['/users'].get", [["paths", "/users", "get"]]],
  ["$.paths['it\\'s'].get", [["paths", "it's", "get"]]],
  [
    "$.paths.*.get",
    [
      ["paths", "/users", "get"],
      ["paths", "it's", "get"],
    ],
  ],
  [
    "$.paths[*].get",
    [
      ["paths", "/users", "get"],
      ["paths", "it's", "get"],
    ],
  ],
  ["$.paths['/users'].parameters[1]", [["paths", "/users", "parameters", 1]]],
  [
    "$.paths['/users'].parameters[*].name",
    [
      ["paths", "/users", "parameters", 0, "name"],
      ["paths", "/users", "parameters", 1, "name"],
    ],
  ],
  ["$.nothing", []],
  ["$.info[0]", []],
  ["$.constructor", []],
])("%s selects", (path, places) => {
  expect(locate(document, path)).toEqual(places);
});

test.each(["info", "$info", "$..get", "$.paths[?(@.get)]", "$.", "$['info", "$[-1]"])(
  "%s is not understood",
  (path) => {
    expect(() => locate(document, path)).toThrow(SyntaxError);
  },
);

test("an update is merged into an object, and what it does not name stays", () => {
  const { description, corrections } = apply({
    target: "$.info",
    update: { title: "B", contact: { url: "y" }, license: { name: "z" } },
  });
  expect(description["info"]).toEqual({
    title: "B",
    contact: { name: "x", url: "y" },
    license: { name: "z" },
  });
  expect(description["paths"]).toEqual(document["paths"]);
  expect(corrections).toEqual([{ target: "$.info", matches: 1 }]);
});

test("lists inside an update are joined, and a target that is a list grows by one", () => {
  const { description } = apply(
    { target: "$.paths.*.get", update: { tags: ["more"] } },
    { target: "$.paths['/users'].parameters", update: { name: "c" } },
  );
  expect(description["paths"]).toMatchObject({
    "/users": {
      parameters: [{ name: "a" }, { name: "b" }, { name: "c" }],
      get: { tags: ["one", "more"] },
      post: { tags: ["two"] },
    },
    "it's": { get: { tags: ["more"] } },
  });
});

test("all that a target selects is removed, also from a list", () => {
  const { description, corrections } = apply(
    { target: "$.paths['/users'].parameters[*]", remove: true },
    { target: "$.paths.*.get", remove: true },
  );
  expect(description["paths"]).toEqual({ "/users": { parameters: [], post: { tags: ["two"] } }, "it's": {} });
  expect(corrections.map(({ matches }) => matches)).toEqual([2, 2]);
});

test("actions see what the ones before them did", () => {
  const { description } = apply(
    { target: "$.info", update: { "x-new": { a: 1 } } },
    { target: "$.info['x-new']", update: { b: 2 } },
    { target: "$.info['x-new'].a", remove: true },
  );
  expect(description["info"]).toMatchObject({ "x-new": { b: 2 } });
});

test("a target that selects nothing changes nothing, and is counted", () => {
  const { description, corrections } = apply({ target: "$.nothing.at.all", remove: true });
  expect(description).toEqual(document);
  expect(corrections).toEqual([{ target: "$.nothing.at.all", matches: 0 }]);
});

test("the description given is not changed", () => {
  const before = JSON.stringify(document);
  apply({ target: "$.info", update: { title: "B" } }, { target: "$.paths", remove: true });
  expect(JSON.stringify(document)).toBe(before);
});
