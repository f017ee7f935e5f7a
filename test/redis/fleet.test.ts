import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, problem, startApi, type Responder, type TestApi } from "../support/api.js";
import { startFleet, type Fleet } from "./support/fleet.js";
import { redisIsInstalled, startRedis, type RedisServer } from "./support/server.js";

const SIZE = 20;
const encryptionKey = randomBytes(32).toString("base64");
const page = json({ meta: { offset: 0, limit: 100, count: 0, total_count: 0 }, data: [] });
const inEach = <T>(value: T): T[] => Array.from({ length: SIZE }, () => value);

describe.skipIf(!redisIsInstalled)(`${SIZE} processes that share a Redis`, () => {
  let redis: RedisServer;
  let fleet: Fleet;

  beforeAll(async () => {
    redis = await startRedis();
    fleet = await startFleet(SIZE, redis.url);
  });
  afterAll(async () => {
    await fleet.end();
    await redis.remove();
  });

  /** An API that takes the tokens it has issued since they were last revoked; the fleet starts cold. */
  async function begin(
    onAnswer: (nth: number) => void = () => undefined,
  ): Promise<TestApi & { revoke(): void; turnedAway(): number }> {
    let valid = new Set<string>();
    const turnedAway = new Set<unknown>();
    const issue: Responder = (request) => {
      const token = `canary_token_${randomUUID()}`;
      valid.add(`Bearer ${token}`);
      const scope = new URLSearchParams(request.body).get("scope");
      return json({ access_token: token, expires_in: 1_800, token_type: "bearer", scope });
    };
    const api = await startApi(({ headers }, nth) => {
      const admitted = valid.has(headers.authorization ?? "");
      if (admitted) turnedAway.delete(headers["x-process"]);
      else turnedAway.add(headers["x-process"]);
      onAnswer(nth);
      return admitted ? page : problem(401, "unauthorised");
    }, issue);
    const { options } = api;
    const prefix = `${randomUUID()}:`;
    await fleet.tell({ name: "begin", options, prefix, encryptionKey, requestsPerSecond: 10_000 });
    return {
      ...api,
      revoke() {
        valid = new Set();
      },
      /** Processes whose last answer was a 401. */
      turnedAway: () => turnedAway.size,
    };
  }

  it("start cold, all at once: one token request, and one token for all", async () => {
    const api = await begin();
    expect(await fleet.tell({ name: "call", times: 3 })).toEqual(inEach([200, 200, 200]));
    expect(api.tokenRequests).toHaveLength(1);
    expect(new Set(api.calls.map(({ headers }) => headers.authorization)).size).toBe(1);
  });

  it("have their token revoked: one token request for all", async () => {
    const api = await begin();
    await fleet.tell({ name: "call", times: 1 });
    for (let round = 2; round <= 4; round += 1) {
      api.revoke();
      expect(await fleet.tell({ name: "call", times: 1 })).toEqual(inEach([200]));
      expect(api.tokenRequests).toHaveLength(round);
    }
  });

  it("lose Redis: each goes on with a token of its own, and with a common one when Redis is back", async () => {
    const api = await begin();
    await fleet.tell({ name: "call", times: 1 });
    await redis.kill();
    // The token at hand is still good.
    expect(await fleet.tell({ name: "call", times: 2 })).toEqual(inEach([200, 200]));
    expect(api.tokenRequests).toHaveLength(1);
    api.revoke();
    expect(await fleet.tell({ name: "call", times: 2 })).toEqual(inEach([200, 200]));
    expect(api.tokenRequests).toHaveLength(1 + SIZE);

    await redis.restart();
    await fleet.tell({ name: "reach" });
    expect(await fleet.tell({ name: "call", times: 2 })).toEqual(inEach([200, 200]));
    expect(api.tokenRequests).toHaveLength(1 + SIZE);
    api.revoke();
    expect(await fleet.tell({ name: "call", times: 2 })).toEqual(inEach([200, 200]));
    expect(api.tokenRequests).toHaveLength(1 + SIZE + 1);
  });

  it("start cold while Redis is away: each makes one token request", async () => {
    await redis.kill();
    const api = await begin();
    expect(await fleet.tell({ name: "call", times: 2 })).toEqual(inEach([200, 200]));
    expect(api.tokenRequests).toHaveLength(SIZE);
    await redis.restart();
    await fleet.tell({ name: "reach" });
  });

  it("keep calling while Redis is killed, tokens are revoked, and Redis comes back: every call succeeds", async () => {
    const disturbances: Promise<void>[] = [];
    let revokedAgain = false;
    const api = await begin((nth) => {
      if (nth === 100) disturbances.push(redis.kill());
      if (nth === 200) api.revoke();
      if (nth === 400) disturbances.push(redis.restart());
      // Not while a call is on its way with what it replaced its revoked token by: a second 401 is final, and rightly.
      if (nth >= 500 && !revokedAgain && api.turnedAway() === 0) {
        revokedAgain = true;
        api.revoke();
      }
    });
    expect(await fleet.tell({ name: "call", times: 1 })).toEqual(inEach([200]));
    expect(await fleet.tell({ name: "call", times: 40 })).toEqual(
      inEach(Array.from({ length: 40 }, () => 200)),
    );
    await Promise.all(disturbances);
    expect(disturbances).toHaveLength(2);
    expect(revokedAgain).toBe(true);
    // The first, at most one for each when that was revoked, and as many when those were.
    expect(api.tokenRequests.length).toBeLessThanOrEqual(1 + 2 * SIZE);
    await fleet.tell({ name: "reach" });
  });

  it("have one rate budget: of what all of them ask for, one is granted", async () => {
    const { options } = await begin();
    const prefix = `${randomUUID()}:`;
    await fleet.tell({ name: "begin", options, prefix, encryptionKey, requestsPerSecond: 0.01 });
    await fleet.tell({ name: "ask", times: 3 });
    const granted = (await fleet.tell({ name: "count" })).map(Number);
    expect(granted.reduce((sum, each) => sum + each)).toBe(1);
    const told = await fleet.tell({ name: "leave" });
    expect(told).toEqual(inEach("left"));
  });

  it("send no more than the budget in all, and none of them starves", async () => {
    const { options } = await begin();
    const prefix = `${randomUUID()}:`;
    await fleet.tell({ name: "begin", options, prefix, encryptionKey, requestsPerSecond: 500 });
    const start = performance.now();
    await fleet.tell({ name: "ask", times: 50 });
    expect(await fleet.tell({ name: "granted" })).toEqual(inEach(50));
    // By Redis's clock, so a slow machine can only make it longer.
    expect(performance.now() - start).toBeGreaterThan(((SIZE * 50) / 500) * 1_000);
  });
});
