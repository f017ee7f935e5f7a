/**
 * Admits at most `limit` requests in any stretch of one second, by the given clock (ms).
 * Refused requests do not count. Upvest limits its sandbox to 300 a second per client (docs, Environments); how it
 * counts them is not documented, so this is the strictest reading.
 */
export function createRateLimit(limit: number, clock: () => number): () => boolean {
  if (limit === Number.POSITIVE_INFINITY) return () => true;
  // The times of the last `limit` admitted requests, overwritten in turn.
  const admitted = new Float64Array(limit).fill(Number.NEGATIVE_INFINITY);
  let next = 0;
  return () => {
    const now = clock();
    if (now - (admitted[next] ?? 0) < 1000) return false;
    admitted[next] = now;
    next = (next + 1) % limit;
    return true;
  };
}
