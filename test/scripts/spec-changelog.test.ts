import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../scripts/generate/json.js";
import { addToChangelog, entriesOf } from "../../scripts/spec/changelog.js";
import { api, answering, difference, operation } from "./spec-support.js";

const fields = (...names: string[]): JsonObject => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
});
const BEFORE = api({
  version: "1.75.0",
  paths: {
    "/things": { get: answering(fields("a", "b")) },
    "/gone": { get: operation({ operationId: "get_gone" }) },
  },
});
const AFTER = api({
  version: "1.76.0",
  paths: {
    "/things": { get: answering(fields("a")) },
    "/one": { get: operation({ operationId: "get_one" }) },
    "/two": { get: operation({ operationId: "get_two" }) },
  },
});
const ENTRIES = entriesOf(difference(BEFORE, AFTER));

const UNRELEASED = `## [Unreleased]

### Added

- Operations: \`get_one\`, \`get_two\`.

### Changed

- API description 1.75.0 to 1.76.0, which asks for a major release.
  - Breaks code: 1 field removed (received); 1 operation removed.

### Removed

- Operations: \`get_gone\`.
`;

describe("the changelog", () => {
  it("is begun where there is none", () => {
    expect(addToChangelog(undefined, ENTRIES)).toMatch(/^# Changelog\n\n[^#]+\n\n## \[Unreleased\]\n/);
    expect(addToChangelog(undefined, ENTRIES).endsWith(`\n\n${UNRELEASED}`)).toBe(true);
  });

  it("gets a section for what is unreleased, before the released versions", () => {
    const before =
      "# Changelog\n\n## [0.1.0] - 2026-01-01\n\n### Added\n\n- First.\n\n[0.1.0]: https://example.com\n";
    expect(addToChangelog(before, ENTRIES)).toBe(
      `# Changelog\n\n${UNRELEASED}\n## [0.1.0] - 2026-01-01\n\n### Added\n\n- First.\n\n[0.1.0]: https://example.com\n`,
    );
  });

  it("keeps what is there, and uses each heading once", () => {
    const before = `# Changelog

## [Unreleased]

### Added

- A thing.
  Told at length.

### Fixed

- A fault.

[Unreleased]: https://example.com
`;
    expect(addToChangelog(before, ENTRIES)).toBe(`# Changelog

## [Unreleased]

### Added

- A thing.
  Told at length.
- Operations: \`get_one\`, \`get_two\`.

### Changed

- API description 1.75.0 to 1.76.0, which asks for a major release.
  - Breaks code: 1 field removed (received); 1 operation removed.

### Removed

- Operations: \`get_gone\`.

### Fixed

- A fault.

[Unreleased]: https://example.com
`);
  });

  it("does not touch the headings of released versions", () => {
    const released = "## [0.1.0]\n\n### Changed\n\n- Old.\n";
    const after = addToChangelog(`# Changelog\n\n## [Unreleased]\n\n${released}`, ENTRIES);
    expect(after).toBe(`# Changelog\n\n${UNRELEASED}\n${released}`);
  });

  it("says what breaks on the wire alone, and what asks for nothing but new texts", () => {
    const moved = (status: string): JsonObject =>
      api({
        version: "1.1.0",
        paths: { "/a": { get: operation({ responses: { [status]: { description: "OK" } } }) } },
      });
    expect(entriesOf(difference(moved("200"), moved("202"))).get("Changed")).toEqual([
      "- API description 1.1.0 in a new edition, which asks for a patch release.",
      "  - Breaks calls, but no code: 1 success status.",
    ]);
    expect(entriesOf(difference(moved("200"), moved("200"))).get("Changed")).toEqual([
      "- API description 1.1.0 in a new edition, which asks for a patch release: texts only.",
    ]);
  });
});
