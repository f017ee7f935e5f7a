import { UpvestConfigError } from "../base-errors.js";

/** Whether a value has members that can be read one by one: an object, or a list. */
export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Whether a value has functions of these names. */
export const hasFunctions = (value: unknown, ...names: readonly string[]): boolean =>
  isObject(value) && names.every((name) => typeof Reflect.get(value, name) === "function");

/** Where the types were passed by, at the start, and not at the first delivery. @throws UpvestConfigError */
export function demand(holds: boolean, argument: string, shouldBe: string, value: unknown): void {
  if (holds) return;
  const found = typeof value === "number" || value === null ? String(value) : typeof value;
  throw new UpvestConfigError(`${argument} must be ${shouldBe}; it is ${found}`);
}
