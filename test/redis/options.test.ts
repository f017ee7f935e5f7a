import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { UpvestConfigError } from "../../src/index.js";
import { redisLimiter, redisSeenStore, redisTokenStore } from "../../src/redis/index.js";

const client = { sendCommand: () => Promise.resolve(null) };
const encryptionKey = randomBytes(32);

it.each<[string, (more: object) => unknown, string]>([
  [
    "redisLimiter",
    (more) => redisLimiter(client, { requestsPerSecond: 1, ...more }),
    "requestsPerSecond, maxQueue, localShare, prefix, onError",
  ],
  ["redisSeenStore", (more) => redisSeenStore(client, { ...more }), "prefix, onError"],
  [
    "redisTokenStore",
    (more) => redisTokenStore(client, { encryptionKey, ...more }),
    "encryptionKey, prefix, onError",
  ],
])("%s has no options but its own: a misspelt prefix would mix what is to be apart", (name, make, own) => {
  expect(() => make({ prefix: "a:", onError: undefined, other: undefined })).not.toThrow();
  expect(() => make({ prefx: "a:" })).toThrow(UpvestConfigError);
  expect(() => make({ prefx: "a:" })).toThrow(
    `the options object of ${name} has no member prefx; it has ${own}`,
  );
});
