import { unwrap, type Account, type AccountGroup, type UpvestClient, type User } from "upvest-client";

export interface Customer {
  readonly user: User;
  readonly group: AccountGroup;
  readonly account: Account;
}

/** A user with an account group and an account; examples/first-day.ts shows each step. */
export async function newCustomer(client: UpvestClient, type: "TRADING" | "PORTFOLIO"): Promise<Customer> {
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
  const group = await unwrap(
    client.POST("/account_groups", { body: { user_id: user.id, type: "PERSONAL" } }),
  );
  const account = await unwrap(
    client.POST("/accounts", {
      body: { user_id: user.id, account_group_id: group.id, type, name: "Savings" },
    }),
  );
  return { user, group, account };
}
