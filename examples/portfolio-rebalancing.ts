/**
 * Portfolios: one allocation for two customers, money invested by it, the allocation changed, and the accounts brought
 * back into line by a rebalancing.
 *
 * Run it: npx tsx examples/portfolio-rebalancing.ts
 * (with UPVEST_API_... in the environment: against the sandbox that they are for)
 */
import { unwrap } from "upvest-client";
import { connect } from "./support/connect.js";
import { newCustomer } from "./support/customer.js";

const { client, sandbox, close } = await connect({
  collections: { list_portfolio_rebalancing_execution_orders: 2 },
});

console.log("\n1. The allocation: weights add up to 1");
const shares = (first: string, second: string) =>
  [
    { instrument_id: "IE00B0M62Q58", instrument_id_type: "ISIN", weight: first },
    { instrument_id: "US0378331005", instrument_id_type: "ISIN", weight: second },
  ] as const;
const allocation = await unwrap(
  client.POST("/portfolios/allocations", {
    body: { name: "Balanced", allocation: [...shares("0.7", "0.3")] },
  }),
);
console.log(`   allocation ${allocation.id}: ${list(allocation.allocation)}`);

console.log("\n2. Two customers with portfolio accounts, bound to it by a configuration each");
const customers = [await newCustomer(client, "PORTFOLIO"), await newCustomer(client, "PORTFOLIO")];
for (const { account } of customers) {
  const configuration = await unwrap(
    client.POST("/portfolios/configurations", {
      body: { account_id: account.id, allocation_id: allocation.id },
    }),
  );
  console.log(`   account ${configuration.account_id} follows ${configuration.allocation_id}`);
}

console.log("\n3. 1,000 euros each: one portfolio order becomes an order per instrument");
for (const { user, account } of customers) {
  const order = await unwrap(
    client.POST("/portfolios/orders", {
      body: {
        user_id: user.id,
        account_id: account.id,
        cash_amount: "1000.00",
        currency: "EUR",
        side: "BUY",
      },
    }),
  );
  console.log(`   portfolio order ${order.id}: ${order.cash_amount} ${order.currency}, ${order.status}`);
}

console.log("\n4. The allocation changes. By itself that moves nothing");
const changed = await unwrap(
  client.PUT("/portfolios/allocations/{allocation_id}", {
    params: { path: { allocation_id: allocation.id } },
    body: { allocation: [...shares("0.6", "0.4")] },
  }),
);
console.log(`   allocation ${changed.id}: ${list(changed.allocation)}`);

console.log("\n5. Rebalance the accounts (or, with `allocations`, all that follow an allocation)");
const accounts = customers.map(({ account }) => account.id);
const execution = await unwrap(client.POST("/portfolios/rebalancings/executions", { body: { accounts } }));
console.log(`   execution ${execution.id}`);

console.log("\n6. What it does for each account");
let orders = 0;
for await (const order of client.paginate("/portfolios/rebalancings/executions/{execution_id}/orders", {
  params: { path: { execution_id: execution.id } },
})) {
  orders += 1;
  const why = order.cancellation_reason === undefined ? "" : ` (${order.cancellation_reason})`;
  console.log(
    `   account ${order.account_id}: ${order.status}${why}, portfolio order ${order.portfolio_order_id}`,
  );
}
if (sandbox !== undefined) {
  console.log(
    "   (The local sandbox answers with the description's examples, not with the accounts above. At Upvest",
  );
  console.log("   REBALANCING_EXECUTION_ORDER and PORTFOLIO_ORDER events tell how each goes on.)");
}

await close();
if (orders === 0) process.exitCode = 1;

function list(allocation: readonly { readonly instrument_id: string; readonly weight: string }[]): string {
  return allocation.map(({ instrument_id, weight }) => `${weight} ${instrument_id}`).join(", ");
}
