/**
 * Where the parts are put together. Read on in the order of a delivery: message.ts (bytes and headers become plain
 * data), fields.ts (the signature headers), policy.ts (what is worth checking), keys.ts, verify.ts, events.ts (JSON
 * last), once.ts with seen.ts (what the handler gets), answer.ts; node.ts and router.ts are for callers.
 */
import { requireMembers } from "../plain-object.js";
import { accepted, answerTo } from "./answer.js";
import type { WebhookAnswer } from "./answer.js";
import { refuse } from "./errors.js";
import { readEvents } from "./events.js";
import type { WebhookEvent } from "./events.js";
import { demand, hasFunctions, isObject } from "./given.js";
import { staticKeys } from "./keys.js";
import type { KeySource, VerificationKey } from "./keys.js";
import { readHeaders, readMessage } from "./message.js";
import type { Delivery, RawBody } from "./message.js";
import { createOnce, demandHandler, HandlerFailure } from "./once.js";
import type { WebhookHandler } from "./once.js";
import { createLocks, inTime, memorySeenStore } from "./seen.js";
import type { SeenStore } from "./seen.js";
import { readRequestBody } from "./stream.js";
import { createCheck } from "./verify.js";

/** What {@link createWebhookReceiver} needs to know. */
export interface WebhookReceiverOptions {
  /** {@link verificationKeys} of a client, a source of your own, or a fixed list of public JWKs, each with its `kid`. */
  readonly keys: KeySource | readonly VerificationKey[];
  /** How far `created` may lie in the past or in the future, in seconds. Default 300, at most 3,600. */
  readonly tolerance?: number;
  /** ms since 1970. Default `Date.now`. */
  readonly clock?: () => number;
  /** Shared memory of events and nonces. Default: the memory of this process. */
  readonly seen?: SeenStore;
  /** bytes. Default 5 MiB; Upvest sends at most 1 MiB in a batch, but a larger single event still comes. */
  readonly maxBodySize?: number;
  /**
   * Told of every delivery that was not answered with 200 and why: a WebhookVerificationError, or what your handler
   * threw (then with the event, if it was one). It is not waited for, and what it throws itself or rejects with is ignored.
   */
  readonly onError?: (error: unknown, event?: WebhookEvent) => unknown;
}

/** A delivery whose body may be read on demand, given the number of bytes from which on it is refused. */
export type PendingDelivery = Omit<Delivery, "body"> & {
  /** The raw bytes, or what reads them. */
  readonly body: RawBody | ((limit: number) => Promise<RawBody>);
};

/**
 * Receives the deliveries of one endpoint.
 *
 * What the sender does (Upvest docs, "Webhooks handler"): it delivers at least once; events are in order within a
 * delivery and in no order between deliveries; whatever is not answered with 200 is repeated, growing slower, without
 * end; and while a delivery fails, all later ones wait behind it. So answer quickly: work that takes longer than a
 * second or two belongs in a queue of your own, and the handler in front of it.
 */
export interface WebhookReceiver {
  /**
   * Verifies one delivery and reads its events. For callers who do the rest themselves; `handle` also drops what was
   * handled before. A signature's nonce counts as used once this resolves: the same signed bytes are refused then.
   *
   * @throws WebhookVerificationError with the `reason` of the refusal; UpvestConfigError for a body that was parsed.
   */
  verify(delivery: Delivery): Promise<readonly WebhookEvent[]>;
  /**
   * Verifies a delivery, has every event handled that was not handled before, and answers: 200 when all are done, 500
   * when the handler failed (the delivery then comes again, and goes on with the event that failed), 4xx when the
   * delivery was refused. The same signed bytes again, as after an answer that was lost, have nothing handled: 200 when all
   * their events are known as handled, else 401. Never rejects.
   */
  handle(request: Request, onEvent: WebhookHandler): Promise<Response>;
  /** As `handle`, from plain data to plain data, for frameworks without Fetch's Request and Response. */
  receive(delivery: PendingDelivery, onEvent: WebhookHandler): Promise<WebhookAnswer>;
}

const known = new Set(["keys", "tolerance", "clock", "seen", "maxBodySize", "onError"]);

/**
 * Makes the receiver of one endpoint's deliveries: give it to `toNodeHandler`, or call its `handle` or `receive`.
 *
 * @throws UpvestConfigError for an option that cannot work
 */
export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  demand(isObject(options), "the argument of createWebhookReceiver", "an object with keys", options);
  // Under another name `seen` would have events handled twice, and `onError` hear of nothing.
  requireMembers("the options object of createWebhookReceiver", options, known);
  const { tolerance = 300, clock = Date.now, seen: store, maxBodySize = 5 * 1024 * 1024, onError } = options;
  // Milliseconds given by mistake would keep replays acceptable for days.
  demand(isNumber(tolerance) && tolerance <= 3_600, "tolerance", "a number of seconds, 0 to 3600", tolerance);
  demand(isNumber(maxBodySize), "maxBodySize", "a number of bytes, 0 or more", maxBodySize);
  demand(typeof clock === "function", "clock", "a function, or left out", clock);
  demand(
    onError === undefined || typeof onError === "function",
    "onError",
    "a function, or left out",
    onError,
  );
  demand(
    store === undefined || hasFunctions(store, "get", "set"),
    "seen",
    "an object with functions get and set, or left out",
    store,
  );
  const seen = store && inTime(store);
  const keys = readKeys(options.keys);

  const check = createCheck({ keys, tolerance, clock });
  // Of nonces alone: whoever holds these may wait for those of events.
  const exclusively = createLocks();
  // Verified deliveries of one window: this many only under attack by a sender who holds the key.
  const nonces = seen ?? memorySeenStore({ max: 100_000, clock });

  const report = (cause: unknown, event?: WebhookEvent): void => {
    // One argument where there is no event: console.error would print the second.
    const tell = async (): Promise<unknown> =>
      event === undefined ? onError?.(cause) : onError?.(cause, event);
    // The answer must still go out, and the process live on.
    tell().catch(() => undefined);
  };
  const { handleOnce, areHandled } = createOnce({ seen, clock, onStoreError: report });

  // From the first moment at which a clock may accept a signature to the last, whichever process reads it.
  const markUsed = async (nonce: string): Promise<void> =>
    nonces.set(nonce, used, (2 * tolerance + 1) * 1000);

  /** Does the work, and counts the nonces as used only when it succeeded: the sender may repeat the same bytes. */
  const oncePerNonce = <T>(signed: readonly string[], work: (isReplay: boolean) => Promise<T>): Promise<T> =>
    exclusively(signed, async () => {
      const marks = await Promise.all(signed.map(async (nonce) => nonces.get(nonce)));
      const result = await work(marks.includes(used));
      for (const nonce of signed) await markUsed(nonce).catch(report);
      return result;
    });

  const verify: WebhookReceiver["verify"] = async (delivery) => {
    const headers = readHeaders(delivery.headers);
    const message = readMessage(delivery, headers, delivery.body, maxBodySize);
    const checkMessage = await check(headers);
    return oncePerNonce(await checkMessage(message), async (isReplay) =>
      isReplay ? refuseReplay() : readEvents(message),
    );
  };

  const receive: WebhookReceiver["receive"] = async (delivery, onEvent) => {
    const { method, body } = delivery;
    try {
      demandHandler(onEvent);
      if (method.toUpperCase() !== "POST")
        refuse("method_not_allowed", `deliveries come by POST, not ${method}`);
      const headers = readHeaders(delivery.headers);
      // Anybody can send a body; of one that is not said to be signed just now, with a key of ours, nothing is read.
      const checkMessage = await check(headers);
      const raw = typeof body === "function" ? await body(maxBodySize) : body;
      const message = readMessage(delivery, headers, raw, maxBodySize);
      await oncePerNonce(await checkMessage(message), async (isReplay) => {
        const events = readEvents(message);
        if (!isReplay) await handleOnce(events, onEvent);
        // Our 200 may have been lost. Whatever is not known as handled is refused: a used nonce has nothing handled.
        else if (!(await areHandled(events))) refuseReplay();
      });
      return accepted;
    } catch (error) {
      if (error instanceof HandlerFailure) report(error.cause, error.event);
      else report(error);
      return answerTo(error);
    }
  };

  return {
    verify,
    receive,
    handle: async (request, onEvent) => {
      const { method, url, headers } = request;
      const body = (limit: number): Promise<RawBody> => readRequestBody(request, limit);
      const answer = await receive({ method, path: url, headers, body }, onEvent);
      return new Response(answer.body === "" ? null : answer.body, answer);
    },
  };
}

function readKeys(keys: unknown): KeySource {
  if (Array.isArray(keys)) return staticKeys(keys);
  demand(
    hasFunctions(keys, "get"),
    "keys",
    "verificationKeys(client), another object with a function get, or a list of public JWKs",
    keys,
  );
  return keys as KeySource;
}

// What the store holds for a nonce.
const used = "used";

const refuseReplay = (): never =>
  refuse("replayed_nonce", "its nonce was used before: this delivery was accepted already");

const isNumber = (value: unknown): boolean =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;
