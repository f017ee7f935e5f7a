import { setMaxListeners } from "node:events";
import type { IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Entry } from "../inspector/entry.js";
import { createJournal } from "../inspector/journal.js";
import { listen, type Listening } from "../inspector/listen.js";
import { createSecrets } from "../inspector/secrets.js";
import { openServer } from "../inspector/server.js";
import { createCallHandler } from "./call.js";
import { createDeliveryHandler } from "./deliveries.js";
import { createInFlight, type InFlight } from "./in-flight.js";
import { matchOperation } from "./match.js";
import { readProxyOptions, type ProxyOptions } from "./options.js";
import { createWatch } from "./watch.js";

export interface Proxy {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Where deliveries are received; undefined without `listen`. */
  readonly webhooks: string | undefined;
  /** The page that shows what happens; undefined without `inspector`. */
  readonly inspector: string | undefined;
  /** How many calls and deliveries are in flight. */
  readonly inFlight: InFlight["now"];
  /** From now on refuses what comes. Resolves when nothing is in flight any more. */
  readonly finish: () => Promise<void>;
  /**
   * Answers what is in flight (a write that was sent: that its outcome is unknown, with its key) and ends every connection;
   * resolves when nothing is left open.
   */
  readonly close: () => Promise<void>;
}

/** ms that the last answers have to leave, when the proxy closes. */
const LAST_ANSWERS = 1_000;

/**
 * Starts a signing proxy on loopback, for tools that cannot sign: what is sent to it goes to the API through the client,
 * with token, signature, idempotency key and retries, and the answer comes back as it was.
 *
 * It acts with the client's credentials for whoever can reach it. So it listens on 127.0.0.1 alone, and refuses what a web
 * page or a tunnel sent.
 *
 * @param onEntry told of each call and delivery whenever there is more to tell of it, secrets hidden
 * @throws TypeError, or UpvestConfigError, for an option that makes no sense
 */
export async function startProxy(options: ProxyOptions, onEntry?: (entry: Entry) => void): Promise<Proxy> {
  const settings = readProxyOptions(options);
  const { listenPath, listenPort, forward, inspectorPort } = settings;
  if (listenPath !== undefined && "operation" in matchOperation("POST", listenPath)) {
    throw new TypeError(`listen cannot be ${listenPath}: the API has that path.`);
  }
  const secrets = createSecrets(settings.client.clientSecret);
  const journal = createJournal(secrets);
  if (onEntry !== undefined) journal.subscribe(({ json }) => onEntry(JSON.parse(json) as Entry));

  let url = "";
  const flights = createInFlight();
  const closing = new AbortController();
  // One for each call in flight; Node takes more than ten for a leak, and says so.
  setMaxListeners(0, closing.signal);
  const watch = createWatch(settings.client.fetch ?? globalThis.fetch, secrets);
  const { client, serve } = createCallHandler({
    client: settings.client,
    watch,
    put: journal.put,
    url: () => url,
    closing: closing.signal,
  });
  const handler = createDeliveryHandler({
    client,
    watch,
    put: journal.put,
    forward,
    closing: closing.signal,
  });
  const deliver = flights.counted("delivery", handler);
  const call = flights.counted("call", serve);

  const isDelivery = ({ url: target = "" }: IncomingMessage): boolean =>
    listenPath !== undefined && target.replace(/\?.*$/s, "") === listenPath;
  const server = await listen(settings.port, (request, response) =>
    isDelivery(request) ? deliver(request, response) : call(request, response),
  );
  url = server.url;
  const opened: Pick<Listening, "close">[] = [server];
  const close = async (): Promise<void> => {
    const answered = flights.stop();
    closing.abort();
    await Promise.race([answered, wait(LAST_ANSWERS, undefined, { ref: false })]);
    await Promise.all(opened.map((each) => each.close()));
  };
  try {
    const listener = listenPort === undefined ? undefined : await listen(listenPort, deliver);
    if (listener !== undefined) opened.push(listener);
    const { environment, baseUrl = `Upvest's ${String(environment)}` } = settings.client;
    const page =
      inspectorPort === undefined
        ? undefined
        : await openServer({
            port: inspectorPort,
            journal,
            source: {
              name: "proxy",
              text: `${url}, in front of ${baseUrl}`,
              hint: `curl '${url}/accounts?limit=2'`,
            },
          });
    if (page !== undefined) opened.push(page);
    return {
      url,
      webhooks: listener?.url ?? (listenPath === undefined ? undefined : `${url}${listenPath}`),
      inspector: page?.url,
      inFlight: flights.now,
      finish: flights.stop,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
