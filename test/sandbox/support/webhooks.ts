import type { KeyObject } from "node:crypto";
import { startSandbox, type Sandbox, type SandboxOptions } from "upvest-client/sandbox";
import { createCaller, type Caller, type Reply } from "./caller.js";
import { createDeliveryVerifier, readKeys, type Checked, type Delivered } from "./delivery-verifier.js";
import { openEndpoint, type Endpoint } from "./endpoint.js";

/** A sandbox with an endpoint for its deliveries, and a caller that may do all with webhooks. */
export interface Workbench {
  readonly sandbox: Sandbox;
  readonly endpoint: Endpoint;
  readonly call: (method: string, target: string, json?: unknown) => Promise<Reply>;
  /** Creates and enables a subscription to the endpoint; gives its id. */
  readonly subscribe: (json?: object) => Promise<string>;
  readonly keys: () => Promise<ReadonlyMap<string, KeyObject>>;
  /** Checks a delivery with the published keys. */
  readonly check: (delivered: Delivered | undefined) => Promise<Checked>;
  readonly close: () => Promise<void>;
}

export async function openWorkbench(options: SandboxOptions = {}): Promise<Workbench> {
  const clock = options.clock ?? Date.now;
  const sandbox = await startSandbox({ rateLimit: Infinity, ...options });
  const caller: Caller = createCaller(sandbox, clock);
  const endpoint = await openEndpoint();
  const token = await caller.token("webhooks:admin");
  const verify = createDeliveryVerifier(clock);
  const call: Workbench["call"] = (method, target, json) =>
    caller.call(method, target, { token, ...(json === undefined ? {} : { json }) });
  const keys: Workbench["keys"] = async () => readKeys((await call("GET", "/auth/verify_keys")).json);
  return {
    sandbox,
    endpoint,
    call,
    keys,
    subscribe: async (json = {}) => {
      const made = await call("POST", "/webhooks", { title: "Test", url: `${endpoint.url}/hook`, ...json });
      if (made.status !== 201) throw new Error(made.text);
      const id = String(made.json["id"]);
      await call("PATCH", `/webhooks/${id}`, { enabled: true });
      return id;
    },
    check: async (delivered) => {
      if (delivered === undefined) throw new Error("There was no delivery.");
      return verify(delivered, await keys());
    },
    close: async () => {
      caller.close();
      await sandbox.close();
      await endpoint.close();
    },
  };
}

export const order = (state: string, more: object = {}): { type: string; object: object } => ({
  type: `ORDER.${state}`,
  object: { id: "1b6a2f2c-0d0d-4b0a-9a4e-5a4b9f3d2c11", quantity: "7" },
  ...more,
});
