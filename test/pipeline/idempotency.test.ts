import fc from "fast-check";
import { expect, it } from "vitest";
import { createUpvestClient, type PlaceOrderRequest } from "../../src/index.js";
import { json, startApi } from "../support/api.js";

const body = { cash_amount: "10.00" } as unknown as PlaceOrderRequest;

it("one key has one spelling on the wire, however it is given: a database may give it back in another", async () => {
  const api = await startApi(() => json({ id: "order-1" }, 201));
  const client = createUpvestClient(api.options);
  await fc.assert(
    fc.asyncProperty(
      fc.uuid({ version: [1, 2, 3, 4, 5] }),
      fc.array(fc.boolean(), { minLength: 36, maxLength: 36 }),
      async (uuid, choices) => {
        const given = [...uuid]
          .map((character, at) =>
            character === "-" ? (choices[at] ? "-" : "") : choices[at] ? character.toUpperCase() : character,
          )
          .join("");
        const result = await client.POST("/orders", { body, headers: { "idempotency-key": given } });
        expect(result.idempotencyKey).toBe(uuid);
        expect(api.calls.at(-1)?.headers["idempotency-key"]).toBe(uuid);
      },
    ),
    { numRuns: 50 },
  );
});
