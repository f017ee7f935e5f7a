import { UpvestError, type UpvestClient } from "upvest-client";
import { dice } from "./dice.js";

/** How it ended for one who takes an answer as it comes. */
export type StreamEnd = "read" | "left" | "refused" | "failed";

/** Takes an answer as a stream: reads it to its end, or leaves it. Anything but an error of ours is passed on. */
export async function takeStream(
  client: UpvestClient,
  name: string,
  seed: number,
  signal: AbortSignal,
): Promise<StreamEnd> {
  try {
    const { data, error } = await client.GET("/accounts/{account_id}/orders", {
      params: { path: { account_id: name }, query: { limit: 50 } },
      headers: { "x-chaos-call": name },
      parseAs: "stream",
      signal,
    });
    if (error !== undefined) return "refused";
    if (data === null) return "read";
    if (dice(seed, "leave", name).chance(0.2)) {
      await data.cancel();
      return "left";
    }
    const reader = data.getReader();
    while (!(await reader.read()).done);
    return "read";
  } catch (error) {
    if (error instanceof UpvestError) return "failed";
    throw error;
  }
}
