import { InvalidArgumentError } from "commander";

/** A parser for an option whose value is a whole number. */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number, ${range}.`);
  };

/** A parser for an option that may come several times, each a name and a value with this between them. */
export const pair =
  (separator: "=" | ":") =>
  (
    text: string,
    earlier: readonly (readonly [string, string])[] = [],
  ): readonly (readonly [string, string])[] => {
    const at = text.indexOf(separator);
    if (at < 1) throw new InvalidArgumentError(`It must be NAME${separator}VALUE.`);
    return [...earlier, [text.slice(0, at).trim(), text.slice(at + 1).trim()]];
  };

/** A parser for an option that may come several times, or once with commas or spaces between its values. */
export const words = (text: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  ...text.split(/[\s,]+/).filter((word) => word !== ""),
];

const plain = /^[\w@%+=:,./-]+$/;

/** A command line that a shell reads back as these arguments. */
export const commandLine = (
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): string =>
  [
    ...(env["npm_command"] === "exec" ? ["npx"] : []),
    "upvest-client",
    ...argv.map((word) => (plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)),
  ].join(" ");
