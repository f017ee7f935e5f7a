/**
 * Money in by direct debit: a reference account, a mandate that the customer confirms, a debit. Then the case that must
 * not go wrong: the connection is lost after the debit was taken in, and it is still made once.
 *
 * Run it: npx tsx examples/direct-debit.ts
 * (with UPVEST_API_... in the environment: against the sandbox that they are for)
 */
import { unwrap } from "upvest-client";
import { connect } from "./support/connect.js";
import { newCustomer } from "./support/customer.js";

const { client, sandbox, close } = await connect();

console.log("\n1. Whose money: a user with an account group");
const { user, group } = await newCustomer(client, "TRADING");
console.log(`   user ${user.id}, account group ${group.id}`);

// When the customer said yes. Keep the proof: it is what a disputed debit is decided by.
const confirmed_at = new Date().toISOString();
const bank = { iban: "DE02100500000054540402", bic: "BELADEBE" };

console.log("\n2. The customer's bank account, where withdrawals will go");
const reference = await unwrap(
  client.POST("/payments/reference_accounts", {
    body: { user_id: user.id, account_owner: "Ada Lovelace", name: "Current account", ...bank, confirmed_at },
  }),
);
console.log(`   reference account ${reference.id}: ${reference.iban} (answers mask the IBAN)`);

console.log("\n3. The mandate, which allows debits");
const mandate = await unwrap(
  client.POST("/payments/mandates", { body: { user_id: user.id, ...bank, confirmed_at } }),
);
console.log(
  `   mandate ${mandate.id}: ${mandate.type}, creditor ${mandate.creditor_name} (${mandate.creditor_id})`,
);

console.log("\n4. The debit: 200 euros");
if (sandbox !== undefined) {
  console.log("   (the sandbox will take it in and then cut the connection, so that no answer arrives)");
  sandbox.fail({ operation: "create_direct_debit", drop: "after", count: 1 });
}
const debited = await client.POST("/payments/direct_debits", {
  body: {
    user_id: user.id,
    account_group_id: group.id,
    mandate_id: mandate.id,
    cash_amount: "200.00",
    currency: "EUR",
    remittance_information: "First savings",
  },
});
if (debited.error !== undefined) throw debited.error;
const { data: debit, attempts, idempotencyKey } = debited;
console.log(`   debit ${debit.id}: ${debit.cash_amount} ${debit.currency}, ${debit.status}`);
console.log(`   ${attempts} attempts under one idempotency key, ${idempotencyKey}`);
if (sandbox !== undefined)
  console.log(`   debits that took effect: ${sandbox.effects("create_direct_debit")}`);

console.log(
  "\n5. What becomes of it: NEW, PROCESSING, CONFIRMED or CANCELLED. DIRECT_DEBIT events tell; or read it:",
);
const read = await unwrap(
  client.GET("/payments/direct_debits/{direct_debit_id}", {
    params: { path: { direct_debit_id: debit.id } },
  }),
);
console.log(`   debit ${read.id}: ${read.status}`);

console.log("\n6. The customer takes the mandate back");
await unwrap(
  client.DELETE("/payments/mandates/{mandate_id}", { params: { path: { mandate_id: mandate.id } } }),
);
console.log(`   mandate ${mandate.id} is gone`);

const once = sandbox === undefined || (sandbox.effects("create_direct_debit") === 1 && attempts === 2);
await close();
if (!once) process.exitCode = 1;
