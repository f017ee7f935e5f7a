import { randomUUID } from "node:crypto";
import { isRecord, isScalar, record, type Json, type Scalar } from "./json.js";
import type { Mock } from "./mock.js";
import type { Route } from "./operations.js";

/**
 * Makes an example answer be about what was asked: members that are named in the path or given in the body are
 * taken over, a POST gets an `id` of its own, another operation the one at the end of its path. A member is only
 * taken over where the answer has it too, with the same type, and where the description still allows the answer.
 */
export async function aboutTheRequest(input: {
  readonly mock: Mock;
  readonly route: Route;
  readonly status: number;
  readonly example: Json;
  readonly values: Readonly<Record<string, string>>;
  readonly body: unknown;
}): Promise<Json> {
  const { mock, route, status, example } = input;
  const wishes: Record<string, Scalar> = { ...input.values };
  for (const [name, value] of Object.entries(record(input.body))) {
    if (isScalar(value)) wishes[name] = value;
  }
  const last = route.parameters.at(-1);
  if (route.method === "POST") wishes["id"] = randomUUID();
  else if (route.endsInParameter && last !== undefined) wishes["id"] = input.values[last] ?? "";

  const wanted = Object.entries(wishes).filter(
    ([name, value]) => typeof example[name] === typeof value && example[name] !== value,
  );
  const all: Json = { ...example, ...Object.fromEntries(wanted) };
  if (wanted.length === 0 || (await mock.fits(route, status, all))) return all;

  // Some member may not be as it was asked for; keep those that may.
  let answer = example;
  for (const [name, value] of wanted) {
    const next: Json = { ...answer, [name]: value };
    if (await mock.fits(route, status, next)) answer = next;
  }
  return answer;
}

/** An answer that shows one thing, not a list of them. */
export function isOneThing(body: unknown): body is Json {
  return isRecord(body) && !Array.isArray(body["data"]);
}
