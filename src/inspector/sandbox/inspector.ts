/** Loaded by the sandbox only where an inspector is asked for. */
import type { Observer } from "../../sandbox/observer.js";
import { createJournal } from "../journal.js";
import { createSecrets } from "../secrets.js";
import { openServer } from "../server.js";
import { createCallFeed } from "./calls.js";
import { createDeliveryFeed } from "./deliveries.js";
import type { Rules } from "./examine.js";

export interface SandboxInspector {
  readonly observer: Observer;
  /** Serves the page. To be called once the sandbox has its address. */
  readonly open: (
    sandboxUrl: string,
  ) => Promise<{ readonly url: string; readonly close: () => Promise<void> }>;
}

export function createSandboxInspector(parts: {
  /** 0: any free port */
  readonly port: number;
  readonly clientSecret: string;
  readonly rules: Rules;
  /** ms */
  readonly clock: () => number;
  readonly scopesOf: (authorization: string | undefined) => ReadonlySet<string> | undefined;
}): SandboxInspector {
  const { port, clientSecret, rules, clock, scopesOf } = parts;
  const secrets = createSecrets(clientSecret);
  const journal = createJournal(secrets);
  let url = "";
  const calls = createCallFeed({ journal, secrets, rules, scopesOf, url: () => url });
  return {
    observer: { call: calls.observe, delivery: createDeliveryFeed(journal, clock) },
    open: (sandboxUrl) => {
      url = sandboxUrl;
      const hint = `createUpvestClient({ baseUrl: "${sandboxUrl}", ...credentials })`;
      const source = { name: "sandbox", text: sandboxUrl, hint };
      return openServer({ port, journal, source, lookUp: calls.lookUp });
    },
  };
}
