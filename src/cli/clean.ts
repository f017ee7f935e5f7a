import { hideSecrets } from "../pipeline/hide-secrets.js";

/** C0 without tab and line feed, DEL and C1: what could move a terminal's cursor or recolour what was written. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** Text from elsewhere as it may be shown on a terminal: nothing that steers it. */
export const inert = (text: string): string => text.replaceAll(controls, "\u{FFFD}");

/** The same, without what looks like a token, a signature, a client secret or a private key. */
export const clean = (text: string): string =>
  inert(hideSecrets(text).replaceAll(privateKey, "[private key hidden]"));
