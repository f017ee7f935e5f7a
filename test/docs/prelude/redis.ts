import { createClient } from "@redis/client";

/** The same under both names that the documents use: node-redis for what the package takes, ioredis's shape where they say so. */
export const redis = createClient({ url: process.env["REDIS_URL"] ?? "" });
