import { describe, expect, it } from "vitest";
import { validateEvent } from "../../generated/validators.js";
import { contracts, eventExamples } from "./description.js";
import { violations } from "./schemas.js";

const examples = contracts.flatMap((contract) => contract.examples);

describe("every example of the description fits its schema", () => {
  it.each(contracts.map(({ id, examples }) => [id, examples] as const))("%s", (_, examples) => {
    const wrong = examples.flatMap(({ at, schema, value }) =>
      violations(schema, value).map((line) => `${at}: ${line}`),
    );
    expect(wrong).toEqual([]);
  });

  it("and there are some", () => {
    expect(examples.length).toBeGreaterThan(contracts.length);
  });
});

describe("every example of an event", () => {
  it.each(eventExamples.map((example) => [example.at, example] as const))("%s", (_, { schema, value }) => {
    expect(violations(schema, value)).toEqual([]);
    expect(validateEvent(value)).toEqual({ valid: true });
  });

  it("is refused by the validator once it is broken", () => {
    for (const { value } of eventExamples) {
      const broken = { ...(value as Record<string, unknown>), created_at: "yesterday" };
      expect(validateEvent(broken)).toMatchObject({ valid: false, errors: [{ path: "/created_at" }] });
    }
  });
});
