import { createUpvestClient, unwrap, type UpvestClient } from "upvest-client";
import { oracleKeyIds, type Algorithm } from "../../plan.js";
import { expectSame } from "../expect.js";
import type { Check, Subject } from "../subject.js";

const clientId = "5ec16164-6173-461d-b90d-116d68f55b40";

type Key = NonNullable<Parameters<typeof createUpvestClient>[0]["signingKey"]>;

/** A client of the oracle, with the vectors' key of this algorithm or another form of it. */
export function oracleClient({ plan }: Subject, algorithm: Algorithm, key?: object): UpvestClient {
  const { pkcs8 } = plan.vectors.keys[algorithm];
  return createUpvestClient({
    baseUrl: plan.oracle,
    clientId,
    clientSecret: "a secret of no use",
    signingKey: { keyId: oracleKeyIds[algorithm], privateKey: pkcs8, ...key } as Key,
    retry: false,
    deadline: 10_000,
  });
}

/**
 * Requests of every form, to a server that rebuilds the signature base from what arrived: Ed25519 signatures must be
 * the very bytes that Node's crypto gives for the vectors' key, P-521 ones must verify and be strict DER.
 */
export const sign =
  (algorithm: Algorithm): Check =>
  async (subject) => {
    const client = oracleClient(subject, algorithm);
    const account = await unwrap(
      client.GET("/accounts/{account_id}", {
        params: { path: { account_id: "0c2a9bb8-7a3a-4d6c-9d0c-2a5d0c4f6b10" } },
      }),
    );
    expectSame(account.id, "0c2a9bb8-7a3a-4d6c-9d0c-2a5d0c4f6b10", "the account's id");
    await unwrap(client.GET("/accounts", { params: { query: { offset: 0, limit: 2, order: "ASC" } } }));
    await unwrap(
      client.GET("/instruments/{instrument_id}", {
        params: { path: { instrument_id: "isin:US0378331005" } },
      }),
    );
    const body = { user_id: crypto.randomUUID(), type: "PERSONAL" } as const;
    await unwrap(client.POST("/account_groups", { body }));
    // ECDSA signatures vary in length: several, so that short and long numbers come up.
    for (let time = 0; time < 8; time += 1) {
      await unwrap(
        client.PATCH("/accounts/{account_id}", {
          params: { path: { account_id: account.id } },
          body: { name: `Größe ${time} € 日本` },
        }),
      );
    }
  };
