import { CliError } from "./exit-codes.js";

/**
 * What to tell of a port that is taken, with the option that asked for it; undefined where the error is another one.
 *
 * @param ports what each option asked for, by its name (`--port`)
 */
export function takenPort(
  error: unknown,
  ports: Readonly<Record<string, number | undefined>>,
): CliError | undefined {
  if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE" && "port" in error)) return;
  const { port } = error;
  const asked = Object.keys(ports).filter((option) => ports[option] === port);
  const by = asked.length === 0 ? "" : ` (${asked.join(", ")})`;
  return new CliError(`port ${String(port)}${by} is taken: name another, or none to have any free one`, {
    cause: error,
  });
}
