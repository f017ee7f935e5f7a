import { UpvestError, type UpvestApiError, type UpvestClient, type UpvestClientOptions } from "upvest-client";
import { operations } from "../../../generated/operations.js";
import { commandLine } from "../arguments.js";
import { askToken } from "../ask-token.js";
import { adviceFor, blameOf, concernsSignature } from "../blame.js";
import { envArguments, type EnvFlag } from "../environment.js";
import type { Io } from "../io.js";
import { untyped } from "../untyped.js";
import type { Exchange } from "../watch-fetch.js";
import { fail, messageOf, ok, skip, warn, type Finding } from "./finding.js";

/** s that a signature lives: a clock that is off by more makes the first call of every process fail. */
const LIFETIME = 30;

/** Against the first answer's `date`, which is cut to the second. */
export function checkClock(exchanges: readonly Exchange[]): Finding {
  const told = exchanges.find(({ date }) => date !== undefined);
  const server = Date.parse(told?.date ?? "");
  if (told === undefined || Number.isNaN(server))
    return skip("clock", "no answer with a date to compare with");
  const seconds = Math.round((told.at - server - 500) / 1000);
  if (Math.abs(seconds) <= 2) return ok("clock", "in step with the server's");
  const off = `${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} the server's`;
  const todo = "set the clock by NTP";
  return Math.abs(seconds) < LIFETIME
    ? warn("clock", off, todo)
    : fail("clock", `${off}; the client corrects for it after a refused call`, todo);
}

/** Which scopes the token endpoint grants. */
export interface ScopeCheck {
  readonly findings: readonly Finding[];
  readonly granted: readonly string[];
}

/** Scopes that were asked for: a refusal is a failure. All that there are. Or likely ones, until one is granted. */
export type ScopeMode = "wanted" | "all" | "likely";

/** Asks for a token for each scope by itself: one that is not configured makes the whole request fail. */
export async function checkScopes(
  io: Io,
  client: UpvestClient,
  options: UpvestClientOptions,
  {
    scopes,
    mode,
    flag,
  }: { readonly scopes: readonly string[]; readonly mode: ScopeMode; readonly flag: EnvFlag },
): Promise<ScopeCheck> {
  const granted: string[] = [];
  const refused: { readonly scope: string; readonly error: UpvestApiError }[] = [];
  for (const [index, scope] of scopes.entries()) {
    io.progress(`token ${index + 1} of ${scopes.length}: ${scope}`);
    try {
      const { error } = await askToken(client, options, [scope], io.signal);
      if (error === undefined) granted.push(scope);
      else refused.push({ scope, error });
      // Where it is not about the scope, another one would fare no better.
      if (mode === "likely" && (error === undefined || !mayBeTheScope(error))) break;
    } catch (error) {
      if (!(error instanceof UpvestError)) throw error;
      io.progress("");
      return { granted, findings: [fail("token", messageOf(error), "see connection")] };
    }
  }
  io.progress("");
  const findings = granted.length === 0 ? [] : [ok("token", `granted: ${granted.join(" ")}`)];
  const [first] = refused;
  if (first === undefined) return { granted, findings };
  const names = refused.map(({ scope }) => scope).join(" ");
  const told = `refused: ${names} (${first.error.status} ${first.error.code})`;
  // Then id, key and secret are good, and the client may have what it needs.
  const onlyScopes = mode === "likely" && refused.every(({ error }) => blameOf(error) === "scope");
  if (granted.length === 0 && !onlyScopes) {
    const argv = ["token", "--scope", first.scope, ...envArguments(flag)];
    return {
      granted,
      findings: [nothingGranted(first.scope, first.error, refused.length - 1, commandLine(io.env, argv))],
    };
  }
  const judge = mode === "wanted" ? fail : warn;
  return { granted, findings: [...findings, judge("token", told, todoForRefused[mode])] };
}

const todoForRefused: Readonly<Record<ScopeMode, string>> = {
  wanted: "ask Upvest to configure these scopes, or take them out of UPVEST_API_SCOPES",
  all: "ask Upvest to configure those that you need",
  likely:
    "nothing, where you do not need it; else ask Upvest to configure it. To try those that you do need: --scope NAME, or --all-scopes",
};

/** By status and words, as far as they say. */
const mayBeTheScope = (error: UpvestApiError): boolean =>
  [400, 401, 403].includes(error.status) && ["scope", "unknown"].includes(blameOf(error));

function nothingGranted(scope: string, error: UpvestApiError, others: number, again: string): Finding {
  const rest = others === 0 ? "" : ` (and ${others} other scope${others === 1 ? "" : "s"})`;
  const reason = error.problem.detail ?? error.problem.title ?? "no reason given";
  const id = error.requestId === undefined ? "" : `, request id ${error.requestId}`;
  return fail(
    "token",
    `${scope}${rest}: ${error.status} ${error.code}: ${reason}${id}`,
    error.status === 401 ? todoFor(error, again) : "try again later, or ask Upvest with the request id",
  );
}

/** Of a 401; with the command that shows what was signed, where that may be at fault. */
function todoFor(error: UpvestApiError, again: string): string {
  const blame = blameOf(error);
  return `${adviceFor[blame]}${concernsSignature(blame) ? `; what was signed: ${again}` : ""}`;
}

/** Reading calls that need no id, the most harmless first. */
const probes = Object.values(operations)
  .filter(({ method, path }) => method === "GET" && !path.includes("{"))
  .toSorted((a, b) => Number(b.id === "get_jwks") - Number(a.id === "get_jwks"));

/** Scopes of reading calls, that of the most harmless first: what is tried where none is configured. */
export const likelyScopes: readonly string[] = [
  ...new Set(probes.flatMap(({ scopes }) => scopes.slice(0, 1))),
];

/** One call, signed and with a token, that changes nothing. */
export async function checkCall(
  io: Io,
  client: UpvestClient,
  { granted, flag }: { readonly granted: readonly string[]; readonly flag: EnvFlag },
): Promise<Finding> {
  const operation = probes.find(({ scopes }) => scopes.some((scope) => granted.includes(scope)));
  if (operation === undefined) return skip("call", "no scope was granted that admits a harmless one");
  const name = `${operation.method} ${operation.path}`;
  const from = performance.now();
  try {
    const query = operation.paged ? { limit: 1 } : {};
    const { error, response, requestId } = await untyped(client)({
      operation,
      init: { params: { query }, signal: io.signal },
    });
    const facts = `${requestId === undefined ? "" : `, request id ${requestId}`}, ${Math.round(performance.now() - from)} ms`;
    if (error === undefined) return ok("call", `${name}: ${response.status}${facts}`);
    const argv = ["request", "GET", operation.path, "--dry-run", ...envArguments(flag)];
    return fail(
      "call",
      error.message,
      error.status === 401 ? todoFor(error, commandLine(io.env, argv)) : "ask Upvest with the request id",
    );
  } catch (error) {
    if (!(error instanceof UpvestError)) throw error;
    return fail("call", messageOf(error), "see token and connection");
  }
}
