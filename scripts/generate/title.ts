/**
 * The name of a type, from the title of its schema.
 *
 * A title is cut at " - " and each part is written in PascalCase, so "User Check - Know your customer" gives
 * `UserCheckKnowYourCustomer`. The endings have rules of their own:
 *
 * - `Request` or `Response` stays last, and a verb right before it goes first:
 *   "Account - Create - Request" gives `CreateAccountRequest`, "Accounts - List - Response" `ListAccountsResponse`;
 * - a leading `Request` or `Response` moves to the end: "Request - Auth - Request Access Token" gives
 *   `AuthRequestAccessTokenRequest`;
 * - `Callback` is the publisher's word for the body of a webhook. Here it is an `Event`, and the leading "Webhook" says
 *   no more: "Webhook - Accounts - Callback" gives `AccountsEvent`.
 */
const VERBS = new Set(
  `Activate Add Approve Book Cancel Change Close Confirm Create Deactivate Delete Get Initiate Issue List Patch Place Put
  Query Quote Reject Remove Request Retrieve Search Set Simulate Start Submit Test Trigger Update Upload Verify`
    .split(/\s+/)
    .concat("DataChange"),
);

/** A name that would hide a built-in or one of the types that the generator adds itself. */
const TAKEN = new Set(
  `Array Boolean Date Error Event Function Map Number Object Promise Record Request Response Set String Symbol URL
  EventType OperationId PagedPath Scope UpvestEvent`.split(/\s+/),
);

/** The name for a title; `undefined` when nothing in it can stand in an identifier. */
export function nameFromTitle(title: string): string | undefined {
  const parts = title.split(/\s+-\s+/).flatMap((part) => {
    const word = pascalCase(part);
    return word === "" ? [] : [word];
  });
  const [first] = parts;
  if (parts.length > 1 && (first === "Request" || first === "Response")) parts.push(...parts.splice(0, 1));
  const last = parts.at(-1);
  if (last === "Callback") {
    parts.splice(-1, 1, "Event");
    if (parts.length > 2 && parts[0] === "Webhook") parts.shift();
  }
  const verb = parts.at(-2);
  if (
    (last === "Request" || last === "Response") &&
    parts.length > 2 &&
    verb !== undefined &&
    VERBS.has(verb)
  ) {
    parts.unshift(...parts.splice(-2, 1));
  }
  const name = parts.join("");
  return name === "" ? undefined : identifier(name);
}

/** `create_user`, `Users (BYOL)` or `postal-address` in PascalCase; capitals inside a mixed word are kept. */
export function pascalCase(text: string): string {
  return (text.match(/[\p{L}\p{N}']+/gu) ?? [])
    .map((raw) => raw.replaceAll("'", ""))
    .map((word) => {
      const rest = word.slice(1);
      const shouted = word.length > 1 && word === word.toUpperCase();
      return word.charAt(0).toUpperCase() + (shouted ? rest.toLowerCase() : rest);
    })
    .join("");
}

export function identifier(name: string): string {
  if (/^\p{N}/u.test(name)) return `Model${name}`;
  return TAKEN.has(name) ? `${name}Model` : name;
}

/** Whether two names say the same but for the plural: `AccountEvent` and `AccountsEvent`. */
export const sameButForPlural = (a: string, b: string): boolean => singular(a) === singular(b);

const singular = (name: string): string =>
  (name.match(/\p{Lu}[^\p{Lu}]*|[^\p{Lu}]+/gu) ?? [])
    .map((word) => word.toLowerCase().replace(/ies$/u, "y").replace(/s$/u, ""))
    .join(" ");
