import type { Check, Line, SignatureView } from "../entry.js";
import { h } from "./dom.js";

const marks = { good: "✓", bad: "✗", unknown: "?" } as const;
const words = { good: "good", bad: "wrong", unknown: "not known" } as const;
const verdicts = {
  verified: "Signature verified",
  refused: "Signature refused",
  unjudged: "Signature",
} as const;

/** The signature of one attempt: the verdict, what was checked, and the signed text line by line. */
export function signatureSection(view: SignatureView): HTMLElement {
  const { verdict, reason, checks, lines } = view;
  /** What is wrong stands before the signed text, everything else behind it. */
  const checkList = (label: string, wanted: (state: Check["state"]) => boolean): HTMLElement | undefined => {
    const items = checks.filter(({ state }) => wanted(state)).map(checkItem);
    return items.length === 0 ? undefined : h("ul", { class: "checks", "aria-label": label }, ...items);
  };
  const differing = lines.filter(({ differs }) => differs).length;
  return h(
    "section",
    { class: "signature", "data-verdict": verdict },
    // Without anything to say of it the signed text has a heading of its own.
    (verdict !== "unjudged" || reason !== "") && h("h4", {}, verdicts[verdict]),
    reason !== "" && h("p", { class: "reason" }, reason),
    checkList("What is wrong", (state) => state === "bad"),
    lines.length > 0 &&
      h(
        "table",
        { class: "base" },
        h(
          "caption",
          {},
          "Signature base",
          h("span", {}, differing === 0 ? legend(view) : `${differing} of ${lines.length} lines differ`),
        ),
        h("colgroup", {}, h("col", { class: "number" }), h("col", { class: "name" }), h("col")),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Line"),
            h("th", { scope: "col" }, "Component"),
            h("th", { scope: "col" }, "Value"),
          ),
        ),
        h("tbody", {}, ...lines.flatMap((line, index) => lineRows(line, index, view))),
      ),
    checkList("What was checked", (state) => state !== "bad"),
  );
}

/** What the one column is, where there is nothing to compare. */
function legend({ lines, signedBy, seenBy }: SignatureView): string {
  const known = (side: "signed" | "seen"): boolean => lines.some((line) => line[side] !== undefined);
  if (known("signed") && known("seen")) return `the same: ${signedBy}, ${seenBy}`;
  return known("signed") ? signedBy : seenBy;
}

function checkItem({ what, state, text }: Check): HTMLElement {
  return h(
    "li",
    { "data-state": state },
    h("span", { class: "mark", role: "img", "aria-label": words[state] }, marks[state]),
    h("b", {}, what),
    h("span", {}, text),
  );
}

function lineRows(line: Line, index: number, { signedBy, seenBy }: SignatureView): HTMLElement[] {
  const { name, signed, seen, differs } = line;
  const head = (span: string): HTMLElement[] => [
    h("td", { rowspan: span }, String(index + 1)),
    h("th", { scope: "row", rowspan: span }, name),
  ];
  if (!differs) return [h("tr", {}, ...head("1"), h("td", {}, h("code", {}, seen ?? signed ?? "")))];
  return [
    h("tr", { class: "differs" }, ...head("2"), side(signedBy, "signed", signed, seen)),
    h("tr", { class: "differs" }, side(seenBy, "seen", seen, signed)),
  ];
}

function side(label: string, kind: string, value: string | undefined, other = ""): HTMLElement {
  const name = h("span", { class: "side" }, label);
  if (value === undefined) return h("td", { class: kind }, name, h("em", {}, "no such line"));
  const [before, changed, after] = difference(value, other);
  const shown = changed === "" ? "" : h("mark", {}, changed);
  return h("td", { class: kind }, name, h("code", {}, before, shown, after));
}

/** Splits a value at what it does not share with the other: beginning, difference, end. */
export function difference(value: string, other: string): readonly [string, string, string] {
  const most = Math.min(value.length, other.length);
  let start = 0;
  while (start < most && value[start] === other[start]) start += 1;
  let end = 0;
  while (end < most - start && value.at(-1 - end) === other.at(-1 - end)) end += 1;
  return [value.slice(0, start), value.slice(start, value.length - end), value.slice(value.length - end)];
}
