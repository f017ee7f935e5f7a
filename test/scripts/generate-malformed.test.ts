import { expect, test } from "vitest";
import { check } from "../../scripts/generate/check.js";
import { emitOperations } from "../../scripts/generate/emit-operations.js";
import { describedEvents } from "../../scripts/generate/events.js";
import { InputError } from "../../scripts/generate/input-error.js";
import { isArray, isObject, pointerTo, type Json, type JsonObject } from "../../scripts/generate/json.js";
import { name } from "../../scripts/generate/name.js";
import { normalise } from "../../scripts/generate/normalise.js";
import { typesView } from "../../scripts/generate/types-view.js";
import { validationView } from "../../scripts/generate/validation-view.js";
import { everything } from "./generate-support.js";

/** Every description that has one value of `value` replaced, each with the place of the change. */
function* changed(value: Json, replacement: Json, pointer = ""): Generator<[string, Json]> {
  yield [pointer, replacement];
  if (isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const [at, next] of changed(item, replacement, pointerTo(pointer, index)))
        yield [at, value.with(index, next)];
    }
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      for (const [at, next] of changed(member ?? null, replacement, pointerTo(pointer, key))) {
        yield [at, { ...value, [key]: next }];
      }
    }
  }
}

/** All steps but the writing of texts by other tools. */
function steps(description: JsonObject): void {
  check(description, "api.yaml");
  const named = name(normalise(description), "api.yaml");
  typesView(named);
  emitOperations(named);
  validationView(named, describedEvents(named));
}

test.each<[string, Json]>([
  ["null", null],
  ["a number", 5],
  ["a text", "x"],
  ["a list", [1]],
  ["an object", { x: 1 }],
  ["a reference", { $ref: "#/components/schemas/Address" }],
])(
  "a description with %s in the wrong place is refused with a reason, or understood",
  (_case, replacement) => {
    let refused = 0;
    for (const [pointer, description] of changed(everything, replacement)) {
      if (!isObject(description)) continue;
      try {
        steps(description);
      } catch (error) {
        expect(error, pointer).toBeInstanceOf(InputError);
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(20);
  },
);
