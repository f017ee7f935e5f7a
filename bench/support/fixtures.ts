/** What all sides of a measurement share: keys, ids, bodies of the size that the API has. */
import { generateKeyPairSync } from "node:crypto";
import type { UpvestClientOptions } from "upvest-client";
import { readBack } from "../../src/sandbox/key-pair.js";

export const keys = {
  ed25519: readBack(generateKeyPairSync("ed25519")),
  p521: readBack(generateKeyPairSync("ec", { namedCurve: "P-521" })),
} as const;

export const keyId = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";
export const clientId = "ebabcf4d-61c3-4942-875c-e265a7c2d062";
export const accountId = "ad45b27f-c0e7-4cfb-b48c-a83670dbdfbd";

/** An address that is never asked: fetch is stubbed. */
export const baseUrl = "https://sandbox.upvest.co";

export const clientOptions = (
  algorithm: keyof typeof keys,
  options: Pick<UpvestClientOptions, "fetch"> & { readonly baseUrl?: string },
): UpvestClientOptions => ({
  baseUrl,
  clientId,
  clientSecret: "not-a-secret-of-anyone",
  signingKey: {
    keyId,
    privateKey: keys[algorithm].privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  },
  ...options,
});

export const order = {
  user_id: "2a1ed2e9-8a67-4d6c-8a0c-7d8a9c2e1f10",
  account_id: accountId,
  side: "BUY",
  order_type: "MARKET",
  instrument_id: "US0378331005",
  instrument_id_type: "ISIN",
  cash_amount: "100.00",
  currency: "EUR",
} as const;

export const account = {
  id: accountId,
  created_at: "2024-08-19T13:06:57.820371Z",
  updated_at: "2024-08-19T13:06:58.120371Z",
  type: "TRADING",
  status: "ACTIVE",
  name: "Main account",
  account_number: "1234567890",
  account_group_id: "f2f1e7c4-5f0b-4b3c-9a44-37e2bb2c12b0",
  users: [
    { id: "2a1ed2e9-8a67-4d6c-8a0c-7d8a9c2e1f10", type: "OWNER" },
    { id: "b1a7c8f0-2f1b-4c59-8a9d-f3a1f9a6d3c1", type: "POWER_OF_ATTORNEY" },
  ],
  capabilities: ["BUY", "SELL", "TRANSFER"],
};

export const placed = {
  ...order,
  id: "6f9a1c39-0a0e-4a39-8b8d-1a4a4b5b1c11",
  created_at: "2024-08-19T13:06:57.820371Z",
  updated_at: "2024-08-19T13:06:57.820371Z",
  quantity: "",
  limit_price: "",
  stop_price: "",
  client_reference: "savings-2024-08",
  status: "NEW",
  fee: "0.00",
  initiation_flow: "API",
  executions: [],
};

export const token = {
  access_token: "ory_at_c2FtcGxlLXRva2VuLW9mLXRoZS1yaWdodC1sZW5ndGgtZm9yLW1lYXN1cmluZw.b3J5LWhhcw",
  expires_in: 1800,
  token_type: "bearer",
  scope: "accounts:read accounts:admin orders:read orders:admin",
};

export const texts = {
  account: JSON.stringify(account),
  placed: JSON.stringify(placed),
  token: JSON.stringify(token),
} as const;
