import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { refusalStatuses } from "../../src/webhooks/errors.js";

it("docs/webhooks.md says what to do about every reason, with the status that is answered", () => {
  const docs = readFileSync(new URL("../../docs/webhooks.md", import.meta.url), "utf8");
  const rows = [...docs.matchAll(/^\| `(\w+)` \| (\d{3}) \| [^|]+ \| [^|]+ \|$/gm)].map(
    ([, reason = "", status]) => [reason, Number(status)] as const,
  );
  expect(Object.fromEntries(rows)).toEqual(refusalStatuses);
});
