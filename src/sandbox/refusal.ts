import type { ProblemKind, ProblemText } from "./problems.js";

/** Ends a request with a problem. Thrown by the steps that a request passes; never leaves the sandbox. */
export class Refusal extends Error {
  readonly kind: ProblemKind;
  readonly text: ProblemText;

  constructor(kind: ProblemKind, text: ProblemText = {}) {
    super(text.detail ?? text.details ?? kind);
    this.kind = kind;
    this.text = text;
  }
}
