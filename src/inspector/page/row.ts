import type { Entry } from "../entry.js";
import { duration, h, timeOf } from "./dom.js";
import { classOf, isRefused, triesOf } from "./store.js";

export const rowId = (id: string): string => `row-${id}`;

export function makeRow(entry: Entry): HTMLLIElement {
  const row = h("li", { id: rowId(entry.id), role: "option", "aria-selected": "false" });
  fillRow(row, entry);
  return row;
}

export function fillRow(row: HTMLElement, entry: Entry): void {
  const tries = triesOf(entry);
  row.dataset["at"] = String(entry.at);
  row.dataset["class"] = classOf(entry.status);
  row.replaceChildren(
    h("span", { class: "status" }, statusText(entry)),
    h(
      "span",
      { class: "what" },
      h("b", {}, entry.method),
      " ",
      h("span", { class: "target", title: entry.target }, entry.target),
    ),
    h("span", { class: "ms" }, entry.ms === undefined ? "" : duration(entry.ms)),
    h(
      "span",
      { class: "more" },
      h("time", {}, timeOf(entry.at)),
      entry.kind === "delivery" && h("span", { class: "chip" }, "delivery"),
      entry.operation !== undefined && h("span", { class: "operation" }, entry.operation),
      tries > 1 && h("span", { class: "chip" }, `${tries} attempts`),
      outcomeTag(entry),
      entry.tampered !== undefined && h("span", { class: "chip" }, `tampered: ${entry.tampered}`),
      isRefused(entry) && h("span", { class: "chip bad" }, "signature refused"),
    ),
  );
}

/** What the status does not tell. A refused delivery is told by its signature. */
function outcomeTag({ outcome }: Entry): HTMLElement | undefined {
  if (outcome === undefined || outcome.kind === "delivery refused") return undefined;
  const isBad = outcome.kind === "outcome unknown";
  return h("span", { class: isBad ? "chip bad" : "chip" }, outcome.kind);
}

export const statusText = ({ status }: Pick<Entry, "status">): string =>
  status === "pending" ? "···" : status === "failed" ? "none" : status === "dropped" ? "cut" : String(status);
