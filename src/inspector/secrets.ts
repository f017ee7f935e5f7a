export const HIDDEN = "[hidden]";

/** Hides secrets in text: those it was told of, and whatever looks like one. */
export interface Secrets {
  /** From now on this is hidden wherever it shows, also percent-encoded or escaped for JSON. */
  readonly add: (secret: string) => void;
  readonly hide: (text: string) => string;
}

/** Access tokens that were seen; older ones are still found by their look. */
const MAX_KNOWN = 1_000;

const looks: readonly (readonly [RegExp, string])[] = [
  // The look of Upvest's tokens, and of any bearer token where one says that it is one.
  [/ory_at_[\w.~+/-]+=*/g, HIDDEN],
  [/\bBearer +[\w.~+/-]+=*/gi, `Bearer ${HIDDEN}`],
  [/\b(sig\d*)=:[A-Za-z0-9+/]+=*:/g, `$1=:${HIDDEN}:`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  // A signed URL is as good as the file it leads to.
  [/("(?:access_token|client_secret|signed_url)"\s*:\s*)"(?:[^"\\]|\\.)*"?/g, `$1"${HIDDEN}"`],
  [/(^|[&?\s])((?:client_secret|access_token)=)[^&\s]*/g, `$1$2${HIDDEN}`],
];

export function createSecrets(...known: readonly string[]): Secrets {
  const secrets = new Set<string>();
  const add = (secret: string): void => {
    if (secret === "") return;
    const spellings = [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ "": secret }).toString().slice(1),
      JSON.stringify(secret).slice(1, -1),
    ];
    for (const spelling of spellings) secrets.add(spelling);
    while (secrets.size > MAX_KNOWN) {
      // Those told at the start are the client's own, and stay.
      const oldest = [...secrets][known.length * spellings.length];
      if (oldest !== undefined) secrets.delete(oldest);
    }
  };
  for (const secret of known) add(secret);
  return {
    add,
    hide: (text) => {
      let hidden = text;
      for (const secret of secrets) hidden = hidden.replaceAll(secret, HIDDEN);
      for (const [look, cover] of looks) hidden = hidden.replace(look, cover);
      return hidden;
    },
  };
}
