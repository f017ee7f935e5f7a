/** The words in which a change is judged. */

/**
 * What the publisher's rules say (Upvest docs, "Versioning": new endpoints, methods, optional body fields, optional query
 * parameters, response fields, response headers and allowed values are compatible, and the like). `none` is for what is no
 * part of the API itself, such as the names of our types.
 */
export type Publisher = "breaking" | "compatible" | "none";

/** The bump that a change asks of our package; `none` when nothing in it changes for users. */
export type Bump = "major" | "minor" | "patch" | "none";

export interface Judgement {
  readonly publisher: Publisher;
  readonly types: Bump;
  /** What it does to users of the package, in a few words. */
  readonly why: string;
}

export const breaking = (types: Bump, why: string): Judgement => ({ publisher: "breaking", types, why });
export const compatible = (types: Bump, why: string): Judgement => ({ publisher: "compatible", types, why });
export const ours = (types: Bump, why: string): Judgement => ({ publisher: "none", types, why });
