/**
 * A savings plan from a customer's wish to its end: a plan that buys a fund every month, its executions, one of them
 * skipped, the plan cancelled.
 *
 * Run it: npx tsx examples/savings-plan.ts
 * (with UPVEST_API_... in the environment: against the sandbox that they are for)
 */
import { unwrap } from "upvest-client";
import { connect } from "./support/connect.js";
import { newCustomer } from "./support/customer.js";

const { client, sandbox, close } = await connect({ collections: { list_savings_plan_executions: 12 } });

console.log("\n1. Who saves: a user with an account to trade in");
const { user, account } = await newCustomer(client, "TRADING");
console.log(`   user ${user.id}, account ${account.id}`);

console.log("\n2. The plan: 50 euros on the first of every month");
const plan = await unwrap(
  client.POST("/savings_plans", {
    body: {
      user_id: user.id,
      account_id: account.id,
      name: "For later",
      type: "INSTRUMENT",
      instrument_id: "IE00BYTRRD19",
      instrument_id_type: "ISIN",
      cash_amount: "50.00",
      currency: "EUR",
      start_date: firstOfNextMonth(new Date()),
      period: "MONTH",
      interval: 1,
    },
  }),
);
console.log(
  `   plan ${plan.id}: ${plan.cash_amount} ${plan.currency} from ${plan.start_date}, ${plan.status}`,
);

console.log("\n3. Its executions, oldest first, fetched page by page (here 5 at a time)");
const path = { savings_plan_id: plan.id };
const byStatus = new Map<string, number>();
let executions = 0;
let next: string | undefined;
for await (const execution of client.paginate("/savings_plans/{savings_plan_id}/executions", {
  params: { path, query: { limit: 5 } },
})) {
  executions += 1;
  byStatus.set(execution.status, (byStatus.get(execution.status) ?? 0) + 1);
  // An execution comes into being some time before its day; until that day it is NEW and can be called off.
  if (execution.status === "NEW") next ??= execution.id;
}
console.log(
  `   ${executions} executions: ${[...byStatus].map(([status, count]) => `${count} ${status}`).join(", ")}`,
);
if (sandbox !== undefined) {
  console.log(
    "   (The local sandbox repeats the description's two examples; at Upvest each has a state of its own,",
  );
  console.log("   and SAVINGS_PLAN_EXECUTION events tell you of every change.)");
}

console.log("\n4. Skip one month");
if (next === undefined) {
  console.log("   no execution is NEW: none can be called off now");
} else {
  await unwrap(
    client.DELETE("/savings_plans/{savings_plan_id}/executions/{savings_plan_execution_id}", {
      params: { path: { ...path, savings_plan_execution_id: next } },
    }),
  );
  console.log(`   execution ${next} will not take place`);
}

console.log("\n5. The end: what is executed stays, nothing new is bought");
const { response } = await client.DELETE("/savings_plans/{savings_plan_id}", { params: { path } });
console.log(`   answered ${response.status}: accepted, and SAVINGS_PLAN.CANCELLED says when it is done`);

await close();
if (executions === 0 || response.status !== 202) process.exitCode = 1;

/** The API takes plain dates, `2026-01-01`, without a time zone. */
function firstOfNextMonth(today: Date): string {
  return new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
}
