/** The script of the page: takes entries from the server as they come, and lets a person look at them. */
import { byId, h } from "./dom.js";
import { renderDetail, type Folds } from "./detail.js";
import { fillRow, makeRow, rowId } from "./row.js";
import { all, forgetAll, get, keep, passes, type Filter } from "./store.js";

const list = byId("list", HTMLOListElement);
const detail = byId("detail", HTMLElement);
const count = byId("count", HTMLElement);
const empty = byId("empty", HTMLElement);
const link = byId("link", HTMLElement);
const source = byId("source", HTMLElement);
const text = byId("text", HTMLInputElement);
const selects = {
  kind: byId("kind", HTMLSelectElement),
  status: byId("status", HTMLSelectElement),
  operation: byId("operation", HTMLSelectElement),
};

/** The row that the keys are at, and the entry that is open. */
let active: string | undefined;
let opened: string | undefined;
let folds: Folds = new Map();
let filter: Filter = readFilter();
let waiting = false;
let hint = "";
/** Of the server: its ids mean nothing to the next one. */
let run = "";

function readFilter(): Filter {
  const { kind, status, operation } = selects;
  return {
    text: text.value.trim().toLowerCase(),
    kind: kind.value,
    status: status.value,
    operation: operation.value,
  };
}

const rows = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("li:not([hidden])")];
const rowOf = (id: string): HTMLElement | null => document.getElementById(rowId(id));

/** Counters speak for themselves twice a second at most: a screen reader is to keep up. */
function countSoon(): void {
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    const kept = all();
    const calls = kept.filter(({ entry }) => entry.kind === "call").length;
    const shown = rows().length;
    const parts = [`${calls} ${calls === 1 ? "call" : "calls"}`];
    const deliveries = kept.length - calls;
    if (deliveries > 0) parts.push(`${deliveries} ${deliveries === 1 ? "delivery" : "deliveries"}`);
    if (shown < kept.length) parts.push(`${shown} shown`);
    count.textContent = kept.length === 0 ? "" : parts.join(", ");
    empty.hidden = shown > 0;
    empty.replaceChildren(
      ...(kept.length > 0
        ? [h("p", {}, "Nothing fits the filter.")]
        : [h("p", {}, "Waiting for the first call."), h("pre", {}, hint)]),
    );
  }, 500);
}

function take(json: string): void {
  const { entry, gone } = keep(json);
  for (const id of gone) {
    rowOf(id)?.remove();
    if (active === id) active = undefined;
  }
  const known = rowOf(entry.id);
  const row = known ?? makeRow(entry);
  // By the time it began: what is told again after a break comes in the order of its last change.
  if (known === null) {
    const later = [...list.querySelectorAll("li")].find(({ dataset }) => Number(dataset["at"]) <= entry.at);
    list.insertBefore(row, later ?? null);
  }
  if (known !== null) fillRow(row, entry);
  row.hidden = !passes({ entry, haystack: json.toLowerCase() }, filter);
  if (entry.operation !== undefined) offer(entry.operation);
  if (opened === entry.id) show(entry.id);
  countSoon();
}

function offer(operation: string): void {
  const { options } = selects.operation;
  const others = [...options].slice(1);
  if (others.some(({ value }) => value === operation)) return;
  const next = others.find(({ value }) => value > operation) ?? null;
  selects.operation.insertBefore(h("option", { value: operation }, operation), next);
}

function refilter(): void {
  filter = readFilter();
  for (const kept of all()) {
    const row = rowOf(kept.entry.id);
    if (row !== null) row.hidden = !passes(kept, filter);
  }
  if (active !== undefined && rowOf(active)?.hidden === true) activate(rows()[0]);
  countSoon();
}

function activate(row: HTMLElement | undefined): void {
  if (active !== undefined) rowOf(active)?.classList.remove("active");
  active = row?.id.slice(rowId("").length);
  if (row === undefined) {
    list.removeAttribute("aria-activedescendant");
    return;
  }
  row.classList.add("active");
  list.setAttribute("aria-activedescendant", row.id);
  row.scrollIntoView({ block: "nearest" });
}

function move(steps: number): void {
  const visible = rows();
  const at = visible.findIndex(({ id }) => active !== undefined && id === rowId(active));
  const to = at < 0 ? 0 : Math.max(0, Math.min(visible.length - 1, at + steps));
  activate(visible[to]);
}

/** Draws the open entry; where it was open already, what has the focus and how far it is scrolled stay. */
function show(id: string): void {
  const entry = get(id);
  if (entry === undefined) return;
  const scrolled = detail.scrollTop;
  const focusable = (): HTMLElement[] => [
    ...detail.querySelectorAll<HTMLElement>("button, summary, pre, h2"),
  ];
  const focused = focusable().findIndex((element) => element === document.activeElement);
  detail.replaceChildren(...renderDetail(entry, folds, { close, copy: (button) => void copy(button) }));
  detail.scrollTop = scrolled;
  if (focused >= 0) focusable()[focused]?.focus({ preventScroll: true });
}

/**
 * What is open stands in the address, so that it outlives a reload, and Back leads from it to the list. Moving from one to
 * the next adds nothing to the history.
 */
function open(id: string): void {
  const address = `#${run}/${id}`;
  if (location.hash !== address) {
    if (opened === undefined) history.pushState(PUSHED, "", address);
    else history.replaceState(history.state, "", address);
  }
  reveal(id);
}

const PUSHED = "pushed";

function reveal(id: string): void {
  if (opened !== undefined) rowOf(opened)?.setAttribute("aria-selected", "false");
  if (opened !== id) folds = new Map();
  opened = id;
  const row = rowOf(id);
  row?.setAttribute("aria-selected", "true");
  activate(row ?? undefined);
  document.body.dataset["open"] = "";
  show(id);
  detail.scrollTop = 0;
  detail.querySelector("h2")?.focus();
}

/** Shows what the address says: after Back, Forward and reload. */
function follow(): void {
  const [of, id = ""] = location.hash.slice(1).split("/");
  if (of === run && get(id) !== undefined) {
    if (opened !== id) reveal(id);
    return;
  }
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  shut();
}

function shut(): void {
  if (opened === undefined) return;
  rowOf(opened)?.setAttribute("aria-selected", "false");
  opened = undefined;
  detail.replaceChildren();
  delete document.body.dataset["open"];
  list.focus();
}

/** To the list. Where both are side by side, what is open stays. */
function close(): void {
  if (list.getClientRects().length > 0) list.focus();
  else if (history.state === PUSHED) history.back();
  else {
    history.replaceState(null, "", location.pathname);
    shut();
  }
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const curl = opened === undefined ? undefined : get(opened)?.curl;
  if (curl === undefined) return;
  const done = await navigator.clipboard.writeText(curl).then(
    () => "Copied",
    () => "Not allowed: copy it below",
  );
  button.textContent = done;
  setTimeout(() => (button.textContent = "Copy as curl"), 2_000);
}

function clear(): void {
  forgetAll();
  list.replaceChildren();
  detail.replaceChildren();
  active = opened = undefined;
  delete document.body.dataset["open"];
  countSoon();
}

function forget(): void {
  clear();
  follow();
}

const keys: Readonly<Record<string, () => void>> = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  PageDown: () => move(10),
  PageUp: () => move(-10),
  Home: () => move(-Infinity),
  End: () => move(Infinity),
  Enter: () => {
    if (active !== undefined) open(active);
  },
  "/": () => text.focus(),
  c: () => detail.querySelector<HTMLButtonElement>(".copy")?.click(),
  Escape: close,
};

/** Keys that mean the same wherever the focus is. */
const everywhere = new Set(["j", "k", "/", "c", "Escape"]);

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return;
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) {
    if (key === "Escape" || (key === "Enter" && target === text)) {
      event.preventDefault();
      list.focus();
      if (active === undefined) move(0);
    }
    return;
  }
  const inDetail = detail.contains(target);
  // There the arrows scroll, and Enter is for what has the focus.
  if ((inDetail || target instanceof HTMLButtonElement) && !everywhere.has(key)) return;
  const action = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (action === undefined) return;
  event.preventDefault();
  if ((key === "j" || key === "k") && inDetail && opened !== undefined) {
    action();
    if (active !== undefined) open(active);
    return;
  }
  if (!inDetail && key !== "/" && key !== "c" && key !== "Escape") list.focus();
  action();
});

list.addEventListener("click", ({ target }) => {
  const row = target instanceof Element ? target.closest("li") : null;
  if (row !== null) open(row.id.slice(rowId("").length));
});
text.addEventListener("input", refilter);
for (const select of Object.values(selects)) select.addEventListener("change", refilter);
byId("clear", HTMLButtonElement).addEventListener("click", forget);
window.addEventListener("popstate", follow);

const state = (name: string, words: string): void => {
  link.dataset["state"] = name;
  link.textContent = words;
};
const events = new EventSource("/events");
events.addEventListener("open", () => state("live", "live"));
events.addEventListener("error", () => state("waiting", "reconnecting"));
events.addEventListener("start", ({ data }: MessageEvent<string>) => {
  // Another process, or this page for the first time.
  clear();
  const told = JSON.parse(data) as { readonly name: string; readonly text: string; readonly hint: string };
  source.textContent = `${told.name} · ${told.text}`;
  document.title = `${told.name} · Inspector`;
  hint = told.hint;
});
// All that was before is told: now what the address says can be shown.
events.addEventListener("current", follow);
events.addEventListener("message", ({ data, lastEventId }: MessageEvent<string>) => {
  run = lastEventId.replace(/-.*$/, "");
  take(data);
});
