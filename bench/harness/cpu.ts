/**
 * CPU time of this process in µs, all its threads: signing off the main thread, collecting garbage and compiling count, what
 * other processes do meanwhile does not. The figure for everything that waits for nothing.
 */
export function stopwatch(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
}
