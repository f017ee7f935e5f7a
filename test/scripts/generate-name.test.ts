import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { nameFromTitle } from "../../scripts/generate/title.js";
import {
  answering,
  describing,
  event,
  json,
  namedSchemasOf,
  namesOf,
  problemContent,
} from "./generate-support.js";

test.each([
  ["Account", "Account"],
  ["Account.", "Account"],
  ["Account Group", "AccountGroup"],
  ["Account liquidation", "AccountLiquidation"],
  ["User (BYOL)", "UserByol"],
  ["User Check - Know your customer", "UserCheckKnowYourCustomer"],
  ["Account - Create - Request", "CreateAccountRequest"],
  ["Accounts - List - Response", "ListAccountsResponse"],
  ["Order - Place - Request", "PlaceOrderRequest"],
  ["User - Data Change - Request", "DataChangeUserRequest"],
  ["User (BYOL) - Data Change Request", "UserByolDataChangeRequest"],
  ["User Check - Know your customer - Create - Request", "CreateUserCheckKnowYourCustomerRequest"],
  ["Account liquidation - Request", "AccountLiquidationRequest"],
  ["Payments - Direct Debits List - Response", "PaymentsDirectDebitsListResponse"],
  ["Request - Auth - Request Access Token", "AuthRequestAccessTokenRequest"],
  ["Webhook - Accounts - Callback", "AccountsEvent"],
  ["Webhook - Create - Request", "CreateWebhookRequest"],
  ["Webhook", "Webhook"],
  ["Savings plan's rate", "SavingsPlansRate"],
  ["3D check", "Model3dCheck"],
  ["Date", "DateModel"],
  ["---", undefined],
])("%s is named %s", (title, name) => {
  expect(nameFromTitle(title)).toBe(name);
});

const object = (title: string, ...properties: string[]): JsonObject => ({
  title,
  type: "object",
  properties: Object.fromEntries(properties.map((property) => [property, { type: "string" }])),
});

test("a titled object is named wherever it stands; a scalar, a list and an untitled object are not", () => {
  const order: JsonObject = {
    title: "Order",
    type: "object",
    properties: {
      id: { title: "Order unique identifier", type: "string" },
      instrument: { title: "Instrument unique identifier", oneOf: [{ type: "string" }, { type: "string" }] },
      fees: { title: "Fees", type: "array", items: object("Fee", "amount") },
      plain: { type: "object", properties: { a: { type: "string" } } },
    },
  };
  const schemas = namedSchemasOf(describing({ "/orders": { get: answering("list_orders", order) } }));
  expect(Object.keys(schemas)).toEqual(["Fee", "Order", "Problem"]);
  expect(schemas["Order"]).toMatchObject({
    properties: { fees: { items: { $ref: "#/components/schemas/Fee" } }, plain: { type: "object" } },
  });
});

test("equal schemas are one, whatever they say about themselves; descriptions at their place are kept", () => {
  const address = (text: string): JsonObject => ({
    title: "Address",
    type: "object",
    description: text,
    required: ["zip", "city"],
    properties: {
      zip: { title: `Zip ${text}`, type: "string", description: text, example: text },
      city: { type: "string", "x-note": text },
    },
  });
  const user = { type: "object", properties: { home: address("Home."), work: address("Work.") } };
  const spec = describing({ "/users": { get: answering("list_users", user) } });
  expect(namesOf(spec)).toEqual(["Address", "Problem"]);
  const other = { ...address("Home."), required: ["city", "zip"] };
  const more = describing({
    "/users": { get: answering("list_users", user) },
    "/a": { get: answering("get_a", other) },
  });
  expect(namesOf(more)).toEqual(["Address", "Problem"]);
});

test("component schemas are named from their titles, or else from their keys, and merge with equal inline ones", () => {
  const spec = describing(
    {
      "/a": { get: answering("get_a", { $ref: "#/components/schemas/accounts_callback" }) },
      "/b": { get: answering("get_b", object("Account", "id")) },
      "/c": { get: answering("get_c", { $ref: "#/components/schemas/alias" }) },
    },
    {
      components: {
        schemas: {
          accounts_callback: { title: "Webhook - Accounts - Callback", type: "object" },
          "page-meta": { type: "object", properties: { count: { type: "integer" } } },
          Account: object("Account", "id"),
          Currency: { type: "string" },
          alias: { $ref: "#/components/schemas/Account" },
        },
      },
    },
  );
  expect(namesOf(spec)).toEqual(["Account", "AccountsEvent", "Currency", "PageMeta", "Problem"]);
});

test("recursive components keep their references", () => {
  const node = { type: "object", properties: { next: { $ref: "#/components/schemas/Node" } } };
  const schemas = namedSchemasOf(
    describing(
      { "/n": { get: answering("get_n", { $ref: "#/components/schemas/Node" }) } },
      {
        components: { schemas: { Node: node } },
      },
    ),
  );
  expect(schemas["Node"]).toEqual(node);
});

test("the body of a problem is a Problem, inline or not", () => {
  const inline = describing({ "/a": { get: answering("get_a", { type: "string" }) } });
  expect(namesOf(inline)).toEqual(["Problem"]);
  const referred = describing(
    {
      "/a": {
        get: {
          operationId: "get_a",
          responses: {
            "400": {
              content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Failure" } } },
            },
          },
        },
      },
    },
    { components: { schemas: { Failure: object("Error", "type") } } },
  );
  expect(namesOf(referred)).toEqual(["Problem"]);
});

test("of several shapes with one title, the one at home in its operation has the name", () => {
  const spec = describing({
    "/users": {
      get: answering("list_users", object("Users - List - Response", "users")),
      post: answering("create_user", object("User - Create - Request", "id"), {
        requestBody: json(object("User - Create - Request", "name")),
      }),
    },
    "/users/reference_accounts": {
      get: answering("list_reference_accounts", object("Users - List - Response", "accounts")),
    },
  });
  const schemas = namedSchemasOf(spec);
  expect(schemas["ListUsersResponse"]).toMatchObject({ properties: { users: {} } });
  expect(schemas["ListReferenceAccountsResponse"]).toMatchObject({ properties: { accounts: {} } });
  expect(schemas["CreateUserRequest"]).toMatchObject({ properties: { name: {} } });
  expect(schemas["CreateUserResponse"]).toMatchObject({ properties: { id: {} } });
});

test("events with one title are told apart by their operations, plural or not", () => {
  const spec = describing(
    {},
    {
      "x-webhooks": {
        Accounts: event("account_event", object("Webhook - Accounts - Callback", "account")),
        Liquidations: event(
          "account_liquidation_event",
          object("Webhook - Accounts - Callback", "liquidation"),
        ),
        Untitled: event("order_event", { type: "object", properties: { order: { type: "string" } } }),
      },
    },
  );
  const schemas = namedSchemasOf(spec);
  expect(Object.keys(schemas)).toEqual(["AccountLiquidationEvent", "AccountsEvent", "OrderEvent"]);
  expect(schemas["AccountsEvent"]).toMatchObject({ properties: { account: {} } });
});

test("a body goes before a part, a part before a choice of a union, and a shape inside its like comes last", () => {
  const order = {
    ...object("Order", "id"),
    properties: { orders: { type: "array", items: object("Order", "side") } },
  };
  const account = object("Account", "id", "name");
  const choice = { title: "Choice", oneOf: [object("Address", "document"), object("Other", "reason")] };
  const user = {
    title: "User",
    type: "object",
    properties: { account: object("Account", "number"), home: object("Address", "city"), choice },
  };
  const schemas = namedSchemasOf(
    describing({
      "/orders": { get: answering("get_order", order) },
      "/accounts": { get: answering("get_account", account) },
      "/users": { get: answering("get_user", user) },
    }),
  );
  expect(Object.keys(schemas)).toEqual([
    "Account",
    "Address",
    "Choice",
    "ChoiceAddress",
    "Order",
    "OrderOrders",
    "Other",
    "Problem",
    "User",
    "UserAccount",
  ]);
  expect(schemas["Account"]).toMatchObject({ properties: { name: {} } });
  expect(schemas["Address"]).toMatchObject({ properties: { city: {} } });
  expect(schemas["OrderOrders"]).toMatchObject({ properties: { side: {} } });
});

test("where no shape has the better claim, all are named by their places", () => {
  const user = (property: string, id: string): JsonObject => ({
    get: answering(id, { title: id, type: "object", properties: { data: object("Data", property) } }),
  });
  const spec = describing({ "/a": user("x", "A"), "/b": user("y", "B") });
  expect(namesOf(spec)).toEqual(["A", "AData", "B", "BData", "Problem"]);
});

test("when even the places do not tell shapes apart, the input must", () => {
  const body = { oneOf: [object("Data", "x"), object("Data", "y"), object("Data", "z")] };
  const spec = describing({ "/a": { get: answering("get_a", body) } });
  expect(() => namesOf(spec)).toThrow(
    /^api\.yaml#\/paths\/~1a\/get\/responses\/200\/.*: several schemas would be called "Data"; give this one a title/,
  );
});

test("names do not change when a schema that shares no title with them is added, wherever it is added", () => {
  const titles = [
    "Account",
    "Order",
    "User",
    "Address",
    "Fee",
    "Users - List - Response",
    "User - Create - Request",
  ];
  const leaf = fc.record({ title: fc.constantFrom(...titles), property: fc.constantFrom("a", "b", "c") });
  const tree = fc.record({
    title: fc.constantFrom(...titles),
    parts: fc.uniqueArray(leaf, { maxLength: 3, selector: ({ title, property }) => title + property }),
  });
  const operations = fc.uniqueArray(
    fc.record({ id: fc.constantFrom("list_users", "create_user", "get_b", "get_c"), tree }),
    {
      minLength: 1,
      maxLength: 4,
      selector: ({ id }) => id,
    },
  );
  const build = ({
    title,
    parts,
  }: {
    title: string;
    parts: { title: string; property: string }[];
  }): JsonObject => ({
    title,
    type: "object",
    properties: Object.fromEntries(
      parts.map((part, index) => [`${part.property}${index}`, object(part.title, part.property)]),
    ),
  });
  fc.assert(
    fc.property(operations, fc.constantFrom("a_first", "z_last"), fc.boolean(), (list, added, first) => {
      const paths = list.map(({ id, tree }) => [`/${id}`, { get: answering(id, build(tree)) }] as const);
      const news = { ...object("Newcomer", "n"), description: "New." };
      const extra = [[`/${added}`, { get: answering(added, news) }]] as const;
      const before = attempt(() => namedSchemasOf(describing(Object.fromEntries(paths))));
      const after = attempt(() =>
        namedSchemasOf(describing(Object.fromEntries(first ? [...extra, ...paths] : [...paths, ...extra]))),
      );
      expect(after).toEqual(before === undefined ? undefined : { ...before, Newcomer: news });
      const reversed = attempt(() => namedSchemasOf(describing(Object.fromEntries(paths.toReversed()))));
      expect(reversed).toEqual(before);
    }),
    { numRuns: 300 },
  );
});

/** Random trees may hold shapes that cannot be told apart; then they must fail with and without the newcomer. */
function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

test("shared responses name what is in them by their own key", () => {
  const responses = {
    Failed: { description: "", content: problemContent },
    Done: { description: "", ...json({ ...object("Result", "a") }) },
    Half: { description: "", ...json({ ...object("Result", "b") }) },
  };
  const spec = describing(
    {
      "/a": {
        get: {
          operationId: "get_a",
          responses: {
            "200": { $ref: "#/components/responses/Done" },
            "202": { $ref: "#/components/responses/Half" },
            "400": { $ref: "#/components/responses/Failed" },
          },
        },
      },
    },
    { components: { responses } },
  );
  expect(namesOf(spec)).toEqual(["Done", "Half", "Problem"]);
});
