/** A pointer as people write it: `currency`, `data[].id`, `limit (query)`, `answer 200.meta`. */
export function placeName(pointer: string): string {
  const tokens = pointer.split("/").slice(1).map(unescape);
  const [first, second = "", third = "", ...rest] = tokens;
  if (first === "parameters") return `${third} (${second})${schemaPath(rest.slice(1))}`;
  if (first === "requestBody") return named("body", inContent(tokens.slice(1)));
  if (first === "responses" && third === "headers") return `${rest[0] ?? ""} (answer ${second})`;
  if (first === "responses")
    return second === "" ? "" : named(`answer ${second}`, inContent(tokens.slice(2)));
  return schemaPath(tokens).replace(/^\.|^<(.*)>$/, "$1");
}

const unescape = (token: string): string => token.replaceAll("~1", "/").replaceAll("~0", "~");

const named = (owner: string, { media, path }: { media: string; path: string }): string =>
  path === "" && media !== "" && media !== "application/json" ? `${owner} ${media}` : owner + path;

/** `content`, a media type, `schema`, and the way into it. */
function inContent([, media = "", , ...rest]: readonly string[]): { media: string; path: string } {
  return { media, path: schemaPath(rest) };
}

function schemaPath(tokens: readonly string[]): string {
  let path = "";
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === "items") path += "[]";
    else if (token === "additionalProperties") path += ".*";
    else if (token === "properties" || token === "oneOf") {
      index += 1;
      const name = tokens[index] ?? "";
      path += token === "properties" ? `.${name}` : `<${name}>`;
    }
  }
  return path;
}
