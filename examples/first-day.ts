/**
 * A customer's first day, over HTTP against the local sandbox: a user, an account group, an account, virtual cash, an
 * order, a walk over 250 accounts. Every request is signed, and the sandbox checks every signature with a verifier that
 * shares no code with the signer. Then what goes wrong on other days: a rate limit, and a request that was tampered with.
 *
 * Run it: npm start
 */
import { createUpvestClient, unwrap, UpvestApiError } from "upvest-client";
import { startSandbox, type SandboxRequest } from "upvest-client/sandbox";

const sandbox = await startSandbox({ collections: { list_accounts: 250 } });
const connection = { baseUrl: sandbox.url, ...sandbox.credentials };
const client = createUpvestClient(connection);

let shown = 0;
const heading = (text: string): void => console.log(`\n${text}`);
const came = (text: string): void => say("came back", text);

/** A label and a text, folded at 80 columns. */
function say(label: string, text: string): void {
  let line = `  ${label.padEnd(10)}`;
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > 80 && line.trim() !== "") {
      console.log(line);
      line = " ".repeat(12);
    }
    line += ` ${word}`;
  }
  console.log(line);
}

/** What the sandbox received since the last look, and what its verifier said. */
function sent(): void {
  for (const request of sandbox.requests.slice(shown)) {
    say("sent", describe(request));
    say("", `covered: ${request.signature?.components.join(" ") ?? "nothing"}`);
  }
  shown = sandbox.requests.length;
}

function describe({ method, url, body, status, signature, idempotency }: SandboxRequest): string {
  const verdict = signature?.verified === true ? "signature verified" : "signature refused";
  const scope = url === "/auth/token" ? `, for ${new URLSearchParams(body).get("scope")}` : "";
  const key = idempotency === undefined ? "" : `, key ${idempotency}`;
  return `${method} ${url} -> ${status}, ${verdict}${scope}${key}`;
}

console.log(`The sandbox listens on ${sandbox.url}.`);
console.log("A token allows the narrowest scope that its call needs: for each new kind of");
console.log("call the client asks for another one first.");

heading("1. A user");
const address = { address_line1: "Unter den Linden 21", postcode: "10117", city: "Berlin", country: "DE" };
const user = await unwrap(
  client.POST("/users", {
    body: {
      first_name: "Ada",
      last_name: "Lovelace",
      birth_date: "1990-12-10",
      birth_city: "London",
      birth_country: "GB",
      nationalities: ["GB"],
      address,
    },
  }),
);
sent();
came(`user ${user.id}: ${user.first_name} ${user.last_name}, ${user.status}`);

heading("2. An account group, the home of money and securities");
const group = await unwrap(client.POST("/account_groups", { body: { user_id: user.id, type: "PERSONAL" } }));
sent();
came(`account group ${group.id}: ${group.type}, ${group.status}`);

heading("3. An account to trade in");
const account = await unwrap(
  client.POST("/accounts", {
    body: { user_id: user.id, account_group_id: group.id, type: "TRADING", name: "First account" },
  }),
);
sent();
came(`account ${account.id}: ${JSON.stringify(account.name)}, ${account.type}, ${account.status}`);

heading("4. Virtual cash: amounts are decimal strings, never floating point");
const increase = await unwrap(
  client.POST("/virtual_cash_balances/increases", {
    body: { account_group_id: group.id, amount: "1500.00", currency: "EUR" },
  }),
);
sent();
came(`increase ${increase.id}: ${increase.amount} ${increase.currency}, ${increase.status}`);

heading("5. An order, with the idempotency key that makes it safe to repeat");
const placed = await client.POST("/orders", {
  body: {
    user_id: user.id,
    account_id: account.id,
    side: "BUY",
    order_type: "MARKET",
    instrument_id: "US0378331005",
    instrument_id_type: "ISIN",
    cash_amount: "100.00",
    currency: "EUR",
  },
});
if (placed.error !== undefined) throw placed.error;
sent();
came(
  `order ${placed.data.id}: ${placed.data.side} for ${placed.data.cash_amount} ${placed.data.currency}, ${placed.data.status}`,
);
came(`idempotency key ${placed.idempotencyKey}, request id ${placed.requestId}`);

heading("6. Pages: 250 accounts, the next page fetched while this one is worked on");
const ids = new Set<string>();
for await (const page of client.paginate("/accounts").pages()) {
  for (const { id } of page.data) ids.add(id);
  came(`offset ${page.meta.offset}: ${page.data.length} of ${page.meta.total_count}`);
}
sent();
came(`${ids.size} different accounts`);

heading("7. Too many requests: waited out, signed anew, sent again");
sandbox.fail({ operation: "list_accounts", status: 429, retryAfter: 1, count: 1 });
const began = Date.now();
const limited = await client.GET("/accounts", { params: { query: { limit: 1 } } });
sent();
came(
  `${limited.response.status} after ${limited.attempts} attempts and ${((Date.now() - began) / 1000).toFixed(1)} s`,
);

heading("8. A request that somebody changed on its way. After a 401 the client tries once");
console.log("   more with a new token, since an old one may be the cause. Here it is not.");
const tampering = createUpvestClient({
  ...connection,
  // Stands for a proxy that rewrites bodies: the signature no longer covers what arrives.
  fetch: (input, init) => {
    const order = init?.body instanceof Uint8Array ? new TextDecoder().decode(init.body) : "";
    return fetch(
      input,
      order.includes('"100.00"') ? { ...init, body: order.replace('"100.00"', '"900.00"') } : init,
    );
  },
});
const tampered = await tampering.POST("/orders", {
  body: {
    user_id: user.id,
    account_id: account.id,
    side: "BUY",
    instrument_id: "US0378331005",
    instrument_id_type: "ISIN",
    cash_amount: "100.00",
  },
});
sent();
if (!(tampered.error instanceof UpvestApiError)) throw new Error("a tampered order was accepted");
came(tampered.error.message);
console.log(`\n  the sandbox's reason: ${sandbox.requests.at(-1)?.signature?.reason}`);
console.log(`\n${tampered.error.explain().replaceAll(/^(?=.)/gm, "  ")}`);

const orders = sandbox.effects("place_order");
console.log(`\nOrders that took effect: ${orders}.`);
await sandbox.close();
if (ids.size !== 250 || orders !== 1 || limited.attempts !== 2) process.exitCode = 1;
