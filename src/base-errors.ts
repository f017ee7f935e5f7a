/** The errors of every entry; those of a call are in errors.ts, so that the other entries stay small. */

/**
 * Lets `instanceof` hold across the ESM and the CJS copy of this package in one process: each class marks its prototype
 * with a registered symbol, and asks for the mark instead of the prototype's identity. A subclass made by a user has no
 * mark of its own and is compared by identity, as usual.
 */
const marks = new WeakMap<object, symbol>();

export function mark(constructor: { readonly prototype: object }, name: string): void {
  const symbol = Symbol.for(`upvest-client.${name}`);
  marks.set(constructor, symbol);
  Object.defineProperties(constructor.prototype, {
    [symbol]: { value: true },
    name: { value: name, configurable: true, writable: true },
  });
}

/** The base of every error this package throws on purpose; `instanceof` holds across its ESM and CJS copies. */
export class UpvestError extends Error {
  /** Set when a page walk failed: pass it as `offset` to go on where the walk stopped. */
  declare resumeOffset?: number;

  /** Holds across the ESM and the CJS copy of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const symbol = marks.get(this);
    if (symbol === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && symbol in value;
  }

  /** Own members and the message; the stack stays out. Never holds a secret. */
  toJSON(): Record<string, unknown> {
    const { cause, ...members } = this as Record<string, unknown>;
    const told =
      cause instanceof UpvestError ? cause.toJSON() : cause instanceof Error ? cause.message : undefined;
    return { name: this.name, message: this.message, ...members, ...(told !== undefined && { cause: told }) };
  }
}
mark(UpvestError, "UpvestError");

/** A value that should not be there, as messages show it: a text in quotes, so that "5" is told from 5. */
export const shown = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : String(value);

/** Something the caller gave cannot work: an option, a key, a scope, a path value. Thrown before anything is sent. */
export class UpvestConfigError extends UpvestError {}
mark(UpvestConfigError, "UpvestConfigError");
