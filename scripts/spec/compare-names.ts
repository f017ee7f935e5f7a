import { arrayAt, compareText, stringAt } from "../generate/json.js";
import type { Description } from "./description.js";
import { API, type Difference, type Finding, type SurfaceKind } from "./finding.js";
import { scopeNames, type OperationFacts } from "./facts.js";

/** What users import or write as a literal, the names of types and of scopes; and the servers, which the client knows by name. */
export function compareNames(
  before: { readonly description: Description; readonly operations: readonly OperationFacts[] },
  after: { readonly description: Description; readonly operations: readonly OperationFacts[] },
  pairs: readonly (readonly [string, string])[],
): Finding[] {
  const [were, are] = [before, after].map(({ description }) => new Set(description.schemas.keys()));
  const heirs = heirsOf(pairs, were ?? new Set());
  const lost = missing(were, are);
  const inherited = new Set(lost.map((name) => heirs.get(name)));
  const gone = lost.map((name): Finding => {
    const heir = heirs.get(name);
    if (heir === undefined) return note("name.removed", { before: name });
    return note("name.renamed", { before: name, after: heir });
  });
  const come = missing(are, were).filter((name) => !inherited.has(name));
  const scopesBefore = scopeNames(before.description, before.operations);
  const scopesAfter = scopeNames(after.description, after.operations);
  const [serversBefore, serversAfter] = [before, after].map(
    ({ description: { document } }) =>
      new Set(arrayAt(document, "servers").flatMap((server) => stringAt(server, "url") ?? [])),
  );
  return [
    ...gone,
    ...come.map((name) => note("name.added", { after: name })),
    ...missing(serversAfter, serversBefore).map((url) => note("server.added", { after: url })),
    ...missing(serversBefore, serversAfter).map((url) => note("server.removed", { before: url })),
    ...missing(scopesAfter, scopesBefore).map((scope) => note("scope-name.added", { after: scope })),
    ...missing(scopesBefore, scopesAfter).map((scope) => note("scope-name.removed", { before: scope })),
  ];
}

const note = (kind: SurfaceKind, change: Pick<Difference, "before" | "after">): Finding => ({
  kind,
  pointer: kind.startsWith("scope") ? "/scopes" : kind.startsWith("server") ? "/servers" : "/types",
  ...change,
  subject: API,
  positions: [],
  operations: [],
  events: [],
});

const missing = (from: ReadonlySet<string> | undefined, others: ReadonlySet<string> | undefined): string[] =>
  [...(from ?? [])].filter((name) => !others?.has(name)).toSorted(compareText);

/** For each name that is gone, the one that stands in its places now; of several, a new one first. */
function heirsOf(
  pairs: readonly (readonly [string, string])[],
  were: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const ordered = pairs.toSorted(
    ([, a], [, b]) => Number(were.has(a)) - Number(were.has(b)) || compareText(a, b),
  );
  const heirs = new Map<string, string>();
  for (const [was, is] of ordered) if (was !== is && !heirs.has(was)) heirs.set(was, is);
  return heirs;
}
