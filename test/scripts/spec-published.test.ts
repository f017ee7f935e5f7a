/**
 * The diff between the publisher's description of 1.9.0 and ours of 1.75.0, on facts that were looked up by hand in the
 * public reference and its release notes. Runs where UPVEST_PUBLISHED_SPEC names the published file, which is not ours to
 * ship.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { readDescription } from "../../scripts/spec/description.js";
import { diff, type Change, type Diff } from "../../scripts/spec/diff.js";

const published = process.env["UPVEST_PUBLISHED_SPEC"] ?? "";

describe.skipIf(published === "")("from the published 1.9.0 to our 1.75.0", () => {
  let found: Diff;
  const changes = (kind: string, name = ""): Change[] =>
    found.changes.filter((change) => change.kind === kind && (name === "" || change.subject.name === name));
  const operations = (kind: string): string[] => changes(kind).flatMap((change) => change.operations);
  const values = (name: string, pointer: string, kind = "enum.value-added"): unknown[] =>
    changes(kind, name)
      .filter((change) => change.pointer === pointer)
      .map(({ before, after }) => after ?? before);

  beforeAll(async () => {
    const overlay = "openapi/overlay.yaml";
    found = diff(
      await readDescription(published, overlay),
      await readDescription("openapi/upvest.yaml", overlay),
    );
  });

  it("asks for a major release", () => {
    expect(found).toMatchObject({
      before: { version: "1.9.0" },
      after: { version: "1.75.0" },
      bump: "major",
      breaking: true,
    });
    expect(found.before.operations.size).toBe(94);
    expect(found.after.operations.size).toBe(123);
  });

  it("sees the savings plans come (1.10)", () => {
    expect(operations("operation.added").filter((key) => key.includes("/savings_plans"))).toEqual([
      "DELETE /savings_plans/{savings_plan_id}",
      "DELETE /savings_plans/{savings_plan_id}/executions/{savings_plan_execution_id}",
      "GET /savings_plans",
      "GET /savings_plans/{savings_plan_id}",
      "GET /savings_plans/{savings_plan_id}/executions",
      "GET /savings_plans/{savings_plan_id}/executions/{savings_plan_execution_id}",
      "POST /savings_plans",
    ]);
    expect(operations("operation.added")).toHaveLength(32);
    expect(changes("scope-name.added").map(({ after }) => after)).toContain("savings_plans:admin");
    expect(values("CreateWebhookRequest", "/properties/type/items")).toContain("SAVINGS_PLAN");
    expect(values("Order", "/properties/initiation_flow")).toEqual(["SAVINGS_PLAN"]);
  });

  it("sees the rebalancing strategies go (1.18), and nothing else", () => {
    expect(operations("operation.removed")).toEqual([
      "GET /portfolios/rebalancings/strategies",
      "GET /portfolios/rebalancings/strategies/{strategy_id}",
      "POST /portfolios/rebalancings/strategies",
    ]);
    expect(changes("name.removed").map(({ before }) => before)).toContain("PortfoliosRebalancingStrategy");
    expect(changes("field.removed")).toEqual([]);
  });

  it("sees the filters of list_account_orders", () => {
    const filters = changes("parameter.added").filter(({ operations }) =>
      operations.includes("GET /accounts/{account_id}/orders"),
    );
    expect(filters.map(({ pointer, types, publisher }) => [pointer, types, publisher])).toEqual(
      ["account_group_id", "date_created_from", "date_created_to", "status", "user_id"].map((name) => [
        `/parameters/query/${name}`,
        "minor",
        "compatible",
      ]),
    );
  });

  it("sees the status of a virtual cash increase (1.62), and no other", () => {
    expect(changes("status.changed")).toMatchObject([
      {
        before: "200",
        after: "202",
        operations: ["POST /virtual_cash_balances/increases"],
        publisher: "breaking",
        types: "patch",
      },
    ]);
  });

  it("sees GBP where it came before 1.75 and not where it came later", () => {
    for (const name of [
      "Order",
      "PlaceOrderRequest",
      "OrderExecution",
      "AccountLiquidation",
      "CashBalance",
    ]) {
      expect(values(name, "/properties/currency"), name).toEqual(["GBP"]);
    }
    // Fees had it from 1.77 on only.
    expect(values("FeeCollection", "/properties/currency")).toEqual([]);
    expect(changes("enum.value-added", "Order").map(({ types }) => types)).toEqual(["minor", "minor"]);
  });

  it("sees the venue of an execution, which reading code may pass over", () => {
    expect(changes("field.added-required", "OrderExecution")).toMatchObject([
      { pointer: "/properties/venue_id", positions: ["response"], publisher: "compatible", types: "minor" },
    ]);
  });

  it("sees the client reference of an order become optional, which reading code may not", () => {
    expect(changes("field.optional", "Order")).toMatchObject([
      {
        pointer: "/properties/client_reference",
        positions: ["response"],
        publisher: "breaking",
        types: "major",
      },
    ]);
  });

  it("sees what a rebalancing order gained and lost", () => {
    const name = "PortfoliosRebalancingExecutionOrder";
    expect(changes("field.added-required", name).map(({ pointer }) => pointer)).toEqual([
      "/properties/execution_id",
      "/properties/id",
    ]);
    expect(values(name, "/properties/status", "enum.value-removed")).toEqual(["SETTLED"]);
    expect(changes("enum.value-removed", name)).toMatchObject([{ publisher: "compatible", types: "patch" }]);
  });

  it("sees DESC go where lists are in ascending order only", () => {
    const [descending, ...others] = changes("enum.value-removed").filter(({ before }) => before === "DESC");
    expect(others).toEqual([]);
    expect(descending).toMatchObject({
      pointer: "/parameters/query/order/schema",
      publisher: "breaking",
      types: "major",
      operations: [
        "GET /accounts/{account_id}/liquidations",
        "GET /portfolios/allocations",
        "GET /portfolios/allocations/{allocation_id}/accounts",
        "GET /portfolios/configurations",
        "GET /portfolios/orders",
        "GET /portfolios/rebalancings/executions/{execution_id}/orders",
      ],
    });
  });

  it("sees purpose codes (1.67), branches (1.41) and second identifiers (1.39)", () => {
    for (const [name, field] of [
      ["CreatePaymentsWithdrawalRequest", "purpose_code"],
      ["PaymentsWithdrawal", "purpose_code"],
      ["CreatePaymentsDirectDebitRequest", "purpose_code"],
      ["UserTol", "branch_id"],
      ["UserByol", "branch_id"],
      ["CreateIdentifierRequest", "identifier_standard"],
    ] as const) {
      expect(
        changes("field.added", name).map(({ pointer }) => pointer),
        name,
      ).toContain(`/properties/${field}`);
    }
    expect(changes("enum.introduced", "CreateIdentifierRequest")).toMatchObject([
      { pointer: "/properties/type", after: ["NATIONAL_ID", "PASSPORT"], types: "major" },
    ]);
  });

  it("sees the stricter titles of webhooks (1.14), which the types do not show", () => {
    expect(changes("pattern.added", "CreateWebhookRequest")).toMatchObject([
      {
        pointer: "/properties/title",
        after: String.raw`^[a-zA-Z0-9 ()\[\]{}.-]{1,32}$`,
        publisher: "breaking",
        types: "patch",
      },
    ]);
  });

  it("sees one cash balance deprecated, and reports read with another scope too", () => {
    expect(operations("operation.deprecated")).toEqual([
      "GET /account_groups/{account_group_id}/payments/cash_balance",
    ]);
    expect(changes("scope.added")).toMatchObject([
      { after: "reports:admin", operations: ["GET /reports/{report_id}", "GET /users/{user_id}/reports"] },
    ]);
  });

  it("sees the events of top-ups (1.64), and loses none", () => {
    expect(changes("event.added", "TopUpsEvent")).toMatchObject([
      { after: ["TOPUP.CANCELLED", "TOPUP.CONFIRMED", "TOPUP.SETTLED"] },
    ]);
    expect(changes("event.added")).toHaveLength(12);
    expect([...changes("event.removed"), ...changes("event-type.removed")]).toEqual([]);
  });

  it("sees no operation renamed and no paging lost", () => {
    expect([...changes("operation.renamed"), ...changes("paging.removed")]).toEqual([]);
    expect([...changes("idempotency-key.required"), ...changes("idempotency-key.removed")]).toEqual([]);
  });
});
