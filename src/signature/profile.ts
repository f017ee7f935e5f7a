/** What differs between the two signature versions Upvest speaks; everything else is common to both. */
export interface Profile {
  readonly version: 15 | 6;
  /** Component names stand in double quotes in the signature base. They always do in the list of names. */
  readonly quoted: boolean;
  /** The header that carries the digest of the body, and the component that covers it. */
  readonly digestField: "content-digest" | "digest";
  readonly digestAlgorithm: "sha-512" | "sha-256";
}

/** Draft 15 of what became RFC 9421: requests to the API. */
export const v15: Profile = Object.freeze({
  version: 15,
  quoted: true,
  digestField: "content-digest",
  digestAlgorithm: "sha-512",
});

/**
 * The draft-06 flavour: webhook deliveries. Names without quotes are a slip that Upvest keeps for compatibility
 * (Upvest docs, "Implementing HTTP signatures v6").
 */
export const v6: Profile = Object.freeze({
  version: 6,
  quoted: false,
  digestField: "digest",
  digestAlgorithm: "sha-256",
});
