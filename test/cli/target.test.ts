import { describe, expect, it } from "vitest";
import { operations } from "../../generated/operations.js";
import { findTarget, group } from "../../src/cli/target.js";

const id = "ad45b27f-c0e7-4cfb-b48c-a83670dbdfbd";

describe("a concrete path", () => {
  it.each<[string, string, string, object, object]>([
    ["GET", "/accounts?limit=2", "list_accounts", {}, { limit: "2" }],
    ["get", "accounts", "list_accounts", {}, {}],
    ["GET", "/accounts/", "list_accounts", {}, {}],
    [
      "GET",
      `/accounts/${id}/orders?status=FILLED&status=NEW`,
      "list_account_orders",
      { account_id: id },
      { status: ["FILLED", "NEW"] },
    ],
    [
      "GET",
      "/instruments/isin:US0378331005",
      "retrieve_instrument",
      { instrument_id: "isin:US0378331005" },
      {},
    ],
    [
      "GET",
      "/portfolios/rebalancings/executions/e/orders",
      "list_portfolio_rebalancing_execution_orders",
      { execution_id: "e" },
      {},
    ],
    ["POST", "/orders", "place_order", {}, {}],
    ["GET", "/auth/verify_keys", "get_jwks", {}, {}],
  ])("%s %s", (method, path, operation, values, query) => {
    const target = findTarget(method, path);
    expect([target.operation.id, target.path, target.query]).toEqual([operation, values, query]);
  });

  it("is found for every operation of the description", () => {
    for (const operation of Object.values(operations)) {
      const path = operation.path.replaceAll(/\{[^}]+\}/g, id);
      expect(findTarget(operation.method, path).operation.id, `${operation.method} ${path}`).toBe(
        operation.id,
      );
    }
  });
});

describe("what fits nothing is refused with what to do", () => {
  it.each<[string, string, RegExp]>([
    ["FETCH", "/accounts", /the method must be one of GET, .*; it is FETCH/],
    ["GET", "https://sandbox.upvest.co/accounts", /give the path alone/],
    ["DELETE", "/accounts", /no DELETE \/accounts; it has GET, POST there/],
    ["GET", "/acounts", /no GET \/acounts\. Nearest:\n {2}GET \/accounts\n/],
    ["GET", `/account/${id}/order`, /Nearest:\n {2}GET \/accounts\/\{account_id\}\/orders\n/],
    ["POST", "/order", /Nearest:\n {2}POST \/orders\n/],
    ["GET", "/accounts/{account_id}", /retrieve_account: put a value in the place of \{account_id\}/],
    ["GET", "/", /Nearest:/],
  ])("%s %s", (method, path, message) => {
    expect(() => findTarget(method, path)).toThrow(message);
  });
});

it("a name that comes more than once keeps all of its values", () => {
  expect(
    group([
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
      ["a", "4"],
    ]),
  ).toEqual({ a: ["1", "3", "4"], b: "2" });
});
