import createClient from "openapi-fetch";
import { expectTypeOf, test } from "vitest";
import type { EventType, UpvestEvent } from "../../generated/events.js";
import type {
  Account,
  AccountsEvent,
  CreateAccountRequest,
  CreateUserRequest,
  ListAccountsResponse,
  Order,
  OrdersEvent,
  PlaceOrderRequest,
  Problem,
  SavingsPlan,
  User,
  UserCheck,
  UserCheckKnowYourCustomer,
  WithoutTaxIdentifierNumber,
  WithoutTaxIdentifierNumberInput,
} from "../../generated/models.js";
import type { OperationId, PagedPath, Scope } from "../../generated/operations.js";
import type { paths } from "../../generated/schema.js";

test("what a user names is there, by the name that its title gives", () => {
  expectTypeOf<Account["id"]>().toEqualTypeOf<string>();
  expectTypeOf<ListAccountsResponse["data"]>().toEqualTypeOf<Account[]>();
  expectTypeOf<SavingsPlan>().toHaveProperty("id");
  expectTypeOf<Problem["status"]>().toEqualTypeOf<number>();
});

test("money is text", () => {
  expectTypeOf<Order["cash_amount"]>().toEqualTypeOf<string>();
  expectTypeOf<NonNullable<PlaceOrderRequest["cash_amount"]>>().toEqualTypeOf<string>();
});

test("requests and responses are told apart", () => {
  expectTypeOf<CreateAccountRequest>().not.toEqualTypeOf<Account>();
  expectTypeOf<CreateAccountRequest>().not.toHaveProperty("id");
  expectTypeOf<CreateUserRequest>().not.toEqualTypeOf<User>();
  expectTypeOf<Account>().toHaveProperty("status");
});

test("enums in answers are open, and still know their values", () => {
  expectTypeOf<"A_STATUS_OF_TOMORROW">().toExtend<Account["status"]>();
  // A plain `string` would have swallowed the literals, and with them the completion.
  expectTypeOf<Account["status"]>().not.toEqualTypeOf<string>();
  expectTypeOf<Extract<Account["status"], "ACTIVE">>().toEqualTypeOf<"ACTIVE">();
  expectTypeOf<Extract<Order["side"], "BUY" | "SELL">>().toEqualTypeOf<"BUY" | "SELL">();
});

test("enums in requests are closed", () => {
  expectTypeOf<PlaceOrderRequest["side"]>().toEqualTypeOf<"BUY" | "SELL">();
  // @ts-expect-error: no such side
  const side: PlaceOrderRequest["side"] = "HOLD";
  void side;
});

test("a schema that both sides write is open in answers and closed in requests", () => {
  expectTypeOf<"SOMETHING_NEW">().toExtend<WithoutTaxIdentifierNumber["missing_tin_reason"]>();
  expectTypeOf<"SOMETHING_NEW">().not.toExtend<WithoutTaxIdentifierNumberInput["missing_tin_reason"]>();
  expectTypeOf<WithoutTaxIdentifierNumberInput>().toExtend<WithoutTaxIdentifierNumber>();
});

test("a union narrows by the member that tells its parts apart", () => {
  const check = {} as UserCheck;
  if (check.type === "KYC") expectTypeOf(check).toEqualTypeOf<UserCheckKnowYourCustomer>();
  else expectTypeOf(check).not.toExtend<UserCheckKnowYourCustomer>();
  // @ts-expect-error: no check is of this type
  void (check.type === "NO_SUCH_CHECK");
});

test("an event narrows by its type, and with it its object", () => {
  const event = {} as UpvestEvent;
  if (event.type === "ORDER.FILLED") {
    expectTypeOf(event).toEqualTypeOf<OrdersEvent>();
    expectTypeOf(event.object).toEqualTypeOf<Order>();
  }
  switch (event.type) {
    case "ACCOUNT.CREATED":
    case "ACCOUNT.CLOSED":
      expectTypeOf(event).toEqualTypeOf<AccountsEvent>();
      expectTypeOf(event.object).toEqualTypeOf<Account>();
      break;
    default:
      expectTypeOf(event).not.toExtend<AccountsEvent>();
  }
  // @ts-expect-error: no such type of event
  void (event.type === "ORDER.FILED");
});

test("event types, operation ids, scopes and paged paths are unions of what there is", () => {
  expectTypeOf<"ORDER.FILLED">().toExtend<EventType>();
  expectTypeOf<"place_order">().toExtend<OperationId>();
  expectTypeOf<"orders:read">().toExtend<Scope>();
  expectTypeOf<"/accounts">().toExtend<PagedPath>();
  expectTypeOf<PagedPath>().toExtend<keyof paths>();
  expectTypeOf<string>().not.toExtend<EventType | OperationId | Scope | PagedPath>();
});

test("openapi-fetch takes the paths", async () => {
  const client = createClient<paths>({ baseUrl: "http://127.0.0.1" });

  const account = await client.GET("/accounts/{account_id}", { params: { path: { account_id: "a" } } });
  if (account.error === undefined) expectTypeOf(account.data).toEqualTypeOf<Account>();
  else expectTypeOf(account.error).toEqualTypeOf<Problem>();

  const page = await client.GET("/accounts", { params: { query: { limit: 10 } } });
  expectTypeOf(page.data).toEqualTypeOf<ListAccountsResponse | undefined>();

  const order = {} as PlaceOrderRequest;
  const placed = await client.POST("/orders", { body: order });
  expectTypeOf(placed.data).toEqualTypeOf<Order | undefined>();
  await client.POST("/orders", { body: order, params: { header: { "idempotency-key": "k" } } });

  const deleted = await client.DELETE("/webhooks/{webhook_id}", { params: { path: { webhook_id: "w" } } });
  expectTypeOf(deleted.data).toEqualTypeOf<undefined>();
});

test("a call that the description does not have does not compile", () => {
  const client = createClient<paths>({ baseUrl: "http://127.0.0.1" });
  // @ts-expect-error: no such path
  void client.GET("/nowhere");
  // @ts-expect-error: a webhook has no PUT
  void client.PUT("/webhooks/{webhook_id}", { params: { path: { webhook_id: "w" } } });
  // @ts-expect-error: the path parameter is missing
  void client.GET("/accounts/{account_id}");
  // @ts-expect-error: the body is missing
  void client.POST("/orders");
  // @ts-expect-error: one account has no query parameters
  void client.GET("/accounts/{account_id}", { params: { path: { account_id: "a" }, query: { limit: 1 } } });
  // @ts-expect-error: not an order in which a list can come
  void client.GET("/accounts", { params: { query: { order: "SIDEWAYS" } } });
});

test("no type is any", () => {
  type IsAny<Type> = 0 extends 1 & Type ? true : false;
  type AnyMembers<Type> = { [Key in keyof Type]-?: IsAny<Type[Key]> extends true ? Key : never }[keyof Type];
  expectTypeOf<AnyMembers<Account>>().toBeNever();
  expectTypeOf<AnyMembers<Order>>().toBeNever();
  expectTypeOf<AnyMembers<PlaceOrderRequest>>().toBeNever();
  expectTypeOf<IsAny<UpvestEvent["object"]>>().toEqualTypeOf<false>();
});
