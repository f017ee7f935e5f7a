/** Each new description makes these lines old. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { eventTypes } from "../../generated/events.js";
import { operations } from "../../generated/operations.js";

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("the documents say which description it is, and how large", () => {
  const { info, tags } = parse(text("openapi/upvest.yaml")) as {
    readonly info: { readonly version: string };
    readonly tags: readonly unknown[];
  };
  const operationCount = Object.keys(operations).length;
  expect(text("README.md")).toContain(
    `version ${info.version} (${tags.length} tags, ${operationCount} operations, ${eventTypes.length} event types)`,
  );
  const row = text("openapi/README.md").match(/^\| `upvest\.yaml` \|.*$/m)?.[0];
  expect(row).toContain(` ${info.version} `);
  expect(row).toContain(`${tags.length} tags, ${operationCount} operations`);
  expect(row).toContain(`${eventTypes.length} event types`);
});
