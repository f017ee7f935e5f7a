import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import { memorySeenStore, type SeenStore } from "upvest-client/webhooks";

type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Nonces of verified deliveries. Those of one that was not taken are forgotten: it may come again byte for byte. */
export function createNonces(): {
  readonly store: SeenStore;
  readonly perDelivery: (
    serve: (...given: [...Parameters<Serve>, forget: () => Promise<void>]) => Promise<void>,
  ) => Serve;
} {
  const marks = memorySeenStore({ max: 100_000 });
  const ofDelivery = new AsyncLocalStorage<string[]>();
  return {
    store: {
      get: (id) => marks.get(id),
      set: (id, ...mark) => {
        ofDelivery.getStore()?.push(id);
        return marks.set(id, ...mark);
      },
    },
    perDelivery: (serve) => (request, response) => {
      const ids: string[] = [];
      const forget = async (): Promise<void> => {
        for (const id of ids) await marks.set(id, "", 0);
      };
      return ofDelivery.run(ids, () => serve(request, response, forget));
    },
  };
}
