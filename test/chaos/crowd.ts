/**
 * Does a job for each number below `count`, so many at once, and gives what came of them in order.
 *
 * @param atOnce how many callers work side by side
 */
export async function crowd<T>(
  count: number,
  atOnce: number,
  job: (index: number) => Promise<T>,
): Promise<readonly T[]> {
  const done: T[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) done[index] = await job(index);
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return done;
}
