import type { Attempt, Entry, Fact, MessageView } from "../entry.js";
import { duration, h, pretty, timeOf } from "./dom.js";
import { statusText } from "./row.js";
import { signatureSection } from "./signature.js";
import { classOf, triesOf } from "./store.js";

/** What of an entry is unfolded, by name; kept while the entry changes. */
export type Folds = Map<string, boolean>;

export function renderDetail(
  entry: Entry,
  folds: Folds,
  actions: { readonly close: () => void; readonly copy: (button: HTMLButtonElement) => void },
): readonly HTMLElement[] {
  const back = h("button", { type: "button", class: "back", "aria-label": "Back to the list" }, "←");
  back.addEventListener("click", actions.close);
  const copy = h("button", { type: "button", class: "copy" }, "Copy as curl");
  copy.addEventListener("click", () => actions.copy(copy));

  const tries = triesOf(entry);
  const facts: readonly Fact[] = [
    ...(entry.operation === undefined
      ? []
      : [[entry.kind === "call" ? "operation" : "events", entry.operation] as const]),
    ["at", timeOf(entry.at)],
    ...(entry.ms === undefined ? [] : [["took", duration(entry.ms)] as const]),
    ...(tries > 1 ? [["attempts", String(tries)] as const] : []),
    ...(entry.facts ?? []),
  ];
  const last = entry.attempts.length - 1;
  return [
    h(
      "header",
      { "data-class": classOf(entry.status) },
      back,
      h("span", { class: "status", title: statusWords(entry) }, statusText(entry)),
      h("h2", { tabindex: "-1" }, h("b", {}, entry.method), " ", entry.target),
      isUnknown(entry) && h("span", { class: "tag" }, "outcome unknown"),
      entry.tampered !== undefined && h("span", { class: "tag" }, `tampered: ${entry.tampered}`),
      entry.curl !== undefined && copy,
    ),
    factList(facts),
    ...(entry.notes ?? []).map((note, index, { length }) =>
      // The last is the proxy's own answer, which tells of it.
      h("p", { class: isUnknown(entry) && index === length - 1 ? "note bad" : "note" }, note),
    ),
    ...entry.attempts.map((attempt, index) =>
      attemptView(attempt, index, { entry, folds, open: index === last }),
    ),
    ...(entry.explanation === undefined
      ? []
      : [fold(folds, "explanation", "error.explain()", false, block("error.explain()", entry.explanation))]),
    ...(entry.curl === undefined
      ? []
      : [fold(folds, "curl", "curl", false, block("curl command", entry.curl))]),
  ];
}

const isUnknown = ({ outcome }: Entry): boolean => outcome?.kind === "outcome unknown";

const statusWords = ({ status }: Entry): string =>
  status === "pending"
    ? "waiting for an answer"
    : status === "failed"
      ? "no answer came"
      : status === "dropped"
        ? "cut off without an answer"
        : `answered ${status}`;

function factList(facts: readonly Fact[]): HTMLElement {
  return h("dl", {}, ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

const isSentence = ([name]: Fact): boolean => ["detail", "details", "no answer"].includes(name);

/** Its detail as a sentence, the rest as facts. */
function problemSection(problem: readonly Fact[]): HTMLElement {
  const sentences = problem.filter(isSentence);
  return h(
    "section",
    { class: "problem" },
    h("h4", {}, "Problem"),
    ...sentences.map(([, text]) => h("p", { class: "reason" }, text)),
    factList(problem.filter((fact) => !isSentence(fact))),
  );
}

function attemptView(
  attempt: Attempt,
  index: number,
  { entry, folds, open }: { readonly entry: Entry; readonly folds: Folds; readonly open: boolean },
): HTMLElement {
  const { label, facts = [], problem, signature, sent, answer } = attempt;
  const key = `attempt-${index}`;
  const refused = signature?.verdict === "refused";
  const signed = signature && signatureSection(signature);
  const content = [
    refused && signed,
    problem !== undefined && problemSection(problem),
    facts.length > 0 && factList(facts),
    !refused && signed,
    sent &&
      messageView(
        folds,
        `${key}-sent`,
        entry.kind === "call" ? "Request" : "Delivery",
        sent,
        entry.kind === "delivery",
      ),
    answer && messageView(folds, `${key}-answer`, "Answer", answer, problem === undefined),
  ];
  const summary = [
    h("span", { class: "status", "data-class": classOf(attempt.status) }, statusText(attempt)),
    h("span", { class: "label" }, label),
    waterfall(attempt, entry),
    h("span", { class: "ms" }, attempt.ms === undefined ? "" : duration(attempt.ms)),
  ];
  const view = fold(folds, key, summary, open, ...content);
  view.classList.add("attempt");
  return view;
}

/** Where in the time of the whole call the attempt lies. */
function waterfall(attempt: Attempt, entry: Entry): HTMLElement {
  const start = Math.min(entry.at, ...entry.attempts.map(({ at }) => at));
  const end = Math.max(...entry.attempts.map(({ at, ms = 0 }) => at + ms), start + 1);
  const bar = h("i", { "data-class": classOf(attempt.status) });
  bar.style.setProperty("left", `${((attempt.at - start) / (end - start)) * 100}%`);
  bar.style.setProperty("width", `${((attempt.ms ?? end - attempt.at) / (end - start)) * 100}%`);
  return h("span", { class: "waterfall", "aria-hidden": "true" }, bar);
}

function messageView(
  folds: Folds,
  key: string,
  title: string,
  message: MessageView,
  open: boolean,
): HTMLElement {
  return fold(
    folds,
    key,
    title,
    open,
    message.body !== "" && block(`${title}: body`, pretty(message.body)),
    message.headers.length > 0 && factList(message.headers),
  );
}

function block(label: string, text: string): HTMLElement {
  return h("pre", { tabindex: "0", role: "region", "aria-label": label }, text);
}

function fold(
  folds: Folds,
  key: string,
  summary: string | readonly HTMLElement[],
  open: boolean,
  ...content: readonly (HTMLElement | false | undefined)[]
): HTMLDetailsElement {
  const details = h(
    "details",
    {},
    h("summary", {}, ...(typeof summary === "string" ? [summary] : summary)),
    h("div", { class: "content" }, ...content),
  );
  details.open = folds.get(key) ?? open;
  details.firstElementChild?.addEventListener("click", () => void folds.set(key, !details.open));
  return details;
}
