import { dice, type Dice } from "./dice.js";
import { answer, type Answer } from "./message.js";

/** Collections that change while they are read, one for each walk. */
export interface Collections {
  readonly page: (walk: string, query: URLSearchParams) => Answer;
  readonly stayed: (walk: string) => readonly string[];
}

interface Collection {
  readonly items: string[];
  readonly stays: Set<string>;
  /** How many times a page was asked for, and so how many times it may have changed. */
  asked: number;
  made: number;
}

/** From then on it rests, so that every walk comes to an end. */
const RESTLESS = 25;

export function createCollections(seed: number): Collections {
  const all = new Map<string, Collection>();

  const collectionOf = (walk: string): Collection => {
    let collection = all.get(walk);
    if (collection === undefined) {
      const size = dice(seed, "size", walk).below(60);
      const items = Array.from({ length: size }, (_, index) => `${walk}-first-${index}`);
      all.set(walk, (collection = { items, stays: new Set(items), asked: 0, made: 0 }));
    }
    return collection;
  };

  const change = (walk: string, collection: Collection, { below, chance }: Dice): void => {
    const { items, stays } = collection;
    const count = 1 + below(6);
    const at = below(items.length + 1);
    if (chance(0.5)) {
      const fresh = Array.from({ length: count }, () => `${walk}-later-${(collection.made += 1)}`);
      items.splice(at, 0, ...fresh);
      return;
    }
    for (const gone of items.splice(at, count)) stays.delete(gone);
  };

  return {
    page(walk, query) {
      const collection = collectionOf(walk);
      const changes = dice(seed, "changes", walk, collection.asked);
      if (collection.asked < RESTLESS) {
        for (let left = changes.below(3); left > 0; left -= 1) change(walk, collection, changes);
      }
      collection.asked += 1;
      const [offset, limit] = [Number(query.get("offset")), Number(query.get("limit"))];
      const data = collection.items.slice(offset, offset + limit).map((id) => ({ id }));
      const meta = { offset, limit, count: data.length, total_count: collection.items.length };
      return answer(200, JSON.stringify({ meta, data }));
    },
    stayed: (walk) => [...collectionOf(walk).stays],
  };
}
