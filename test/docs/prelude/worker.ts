/** What a Cloudflare worker has around it, as far as the documents use it. */
import { memorySeenStore, type SeenStore, type UpvestEvent } from "upvest-client/webhooks";

interface KvNamespace {
  get(key: string): Promise<string | null>;
}
export interface Env {
  readonly UPVEST_VERIFY_KEYS: string;
  readonly SEEN: KvNamespace;
  readonly QUEUE: { sendBatch(messages: readonly { body: unknown }[]): Promise<void> };
}
export function kvStore(_namespace: KvNamespace): SeenStore {
  return memorySeenStore();
}
export type QueuedEvent = UpvestEvent;
