import { expectTypeOf, test } from "vitest";
import type { DataOf } from "../../src/call-types.js";
import {
  createUpvestClient,
  unwrap,
  type Account,
  type Order,
  type Page,
  type PlaceOrderRequest,
  type UpvestApiError,
  type UpvestClientOptions,
} from "upvest-client";

declare const options: UpvestClientOptions;
const client = createUpvestClient(options);
declare const order: PlaceOrderRequest;

test("a call takes what the description wants and gives what it promises", async () => {
  const result = await client.GET("/accounts/{account_id}", { params: { path: { account_id: "x" } } });
  if (result.error !== undefined) {
    expectTypeOf(result.error).toEqualTypeOf<UpvestApiError>();
    expectTypeOf(result.data).toEqualTypeOf<undefined>();
  } else {
    expectTypeOf(result.data).toEqualTypeOf<Account>();
  }
  expectTypeOf(unwrap(client.POST("/orders", { body: order }))).resolves.toEqualTypeOf<Order>();
  expectTypeOf(
    unwrap(client.DELETE("/accounts/{account_id}", { params: { path: { account_id: "x" } } })),
  ).resolves.toEqualTypeOf<undefined>();
});

test("constants with readonly lists are bodies as they stand; lists in answers may be changed", async () => {
  const taxes = {
    tax_residencies: [{ country: "DE", tax_identifier_number: "12345678901" }],
  } as const;
  void client.POST("/users/{user_id}/tax_residencies", { params: { path: { user_id: "x" } }, body: taxes });
  const { data } = await unwrap(client.GET("/accounts"));
  expectTypeOf(data).toEqualTypeOf<Account[]>();
});

test("what is missing or wrong does not compile", () => {
  // @ts-expect-error: the path parameter is required
  void client.GET("/accounts/{account_id}");
  // @ts-expect-error: the body is required
  void client.POST("/orders");
  // @ts-expect-error: no such path
  void client.GET("/account");
  // @ts-expect-error: the path has no such method
  void client.DELETE("/accounts");
  // @ts-expect-error: GET takes no body
  void client.GET("/accounts", { body: {} });
  // @ts-expect-error: the value is not among those of the description
  void client.GET("/accounts", { params: { query: { order: "UP" } } });
  // @ts-expect-error: headers that the client sets are not the caller's
  void client.GET("/accounts", { params: { header: { authorization: "Bearer x" } } });
});

test("an idempotency key may be given where one is wanted, and nowhere else", () => {
  void client.POST("/orders", { body: order, params: { header: { "idempotency-key": "k" } } });
  // @ts-expect-error: reads take none
  void client.GET("/accounts", { params: { header: { "idempotency-key": "k" } } });
});

test("pages have typed items; a path that does not page does not compile", () => {
  expectTypeOf(client.paginate("/accounts").toArray({ max: 1 })).resolves.toEqualTypeOf<Account[]>();
  expectTypeOf(client.paginate("/accounts").pages().next()).resolves.toMatchTypeOf<
    IteratorResult<Page<Account>>
  >();
  // @ts-expect-error: not a collection
  client.paginate("/accounts/{account_id}");
});

test("parseAs decides what data is", () => {
  expectTypeOf(unwrap(client.GET("/accounts", { parseAs: "text" }))).resolves.toEqualTypeOf<string>();
  expectTypeOf(
    unwrap(client.GET("/accounts", { parseAs: "arrayBuffer" })),
  ).resolves.toEqualTypeOf<ArrayBuffer>();
});

test("data is typed by whatever status means success", () => {
  interface Mixed {
    responses: {
      207: { content: { "application/json": "some" } };
      "2XX": { content: { "application/json": "any" } };
      400: { content: { "application/json": "none" } };
    };
  }
  expectTypeOf<DataOf<Mixed>>().toEqualTypeOf<"some" | "any">();
});
