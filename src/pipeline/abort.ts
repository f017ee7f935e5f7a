/** The one listener of ours on a signal, and whom it tells. */
interface Relay {
  readonly followers: Set<() => void>;
  readonly listener: () => void;
}

/** One listener serves all: a server has thousands of calls on one signal, and Node warns at the eleventh. */
const relays = new WeakMap<AbortSignal, Relay>();

function relayOf(signal: AbortSignal): Relay {
  const present = relays.get(signal);
  if (present !== undefined) return present;
  const followers = new Set<() => void>();
  const listener = (): void => {
    relays.delete(signal);
    for (const tell of followers) tell();
  };
  const relay = { followers, listener };
  relays.set(signal, relay);
  signal.addEventListener("abort", listener, { once: true });
  return relay;
}

/**
 * Calls `onAbort` when the signal aborts, at once when it already has.
 *
 * @returns stops following; the last one to leave takes the listener off the signal
 */
export function follow(signal: AbortSignal, onAbort: () => void): () => void {
  if (signal.aborted) {
    onAbort();
    return () => undefined;
  }
  const { followers, listener } = relayOf(signal);
  // A function of its own, so that the same callback may follow twice.
  const tell = (): void => onAbort();
  followers.add(tell);
  return () => {
    if (!followers.delete(tell) || followers.size > 0) return;
    relays.delete(signal);
    signal.removeEventListener("abort", listener);
  };
}
