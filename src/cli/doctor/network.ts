import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Environment } from "../io.js";
import { fail, messageOf, ok, warn, type Finding } from "./finding.js";

/** ms, for each step. */
const PATIENCE = 10_000;

const proxies = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/** Name, connection and TLS, each with its time; ends with the first that fails. */
export async function checkConnection(baseUrl: string, env: Environment): Promise<readonly Finding[]> {
  const url = new URL(baseUrl);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const secure = url.protocol === "https:";
  const port = Number(url.port) || (secure ? 443 : 80);
  const steps: string[] = [];
  const findings: Finding[] = [];
  const proxy = proxies.find((name) => env[name]);
  if (proxy !== undefined && secure) {
    findings.push(
      warn(
        "proxy",
        `${proxy} is set, and Node's fetch goes past it`,
        "give the client a fetch that uses it, or (Node 24) set NODE_USE_ENV_PROXY=1",
      ),
    );
  }
  try {
    if (isIP(host) === 0) {
      const took = stopwatch();
      const { address } = await lookup(host);
      steps.push(`${host} is ${address} (${took()})`);
    } else steps.push(host);
    const took = stopwatch();
    const socket = await open(connect({ host, port }), "connect");
    steps.push(`port ${port} is open (${took()})`);
    if (secure) steps.push(await shakeHands(socket, host));
    socket.destroy();
    return [...findings, ok("connection", steps.join(", "))];
  } catch (error) {
    const told = [...steps, messageOf(error)].join(", ");
    return [...findings, fail("connection", told, adviceFor(error))];
  }
}

async function shakeHands(socket: Socket, host: string): Promise<string> {
  const took = stopwatch();
  // A server name must be a name (RFC 6066 section 3).
  const named = isIP(host) === 0 ? { servername: host } : {};
  const secured = await open(connectTls({ socket, host, ...named }), "secureConnect");
  const { valid_to: end } = secured.getPeerCertificate();
  const told = `${secured.getProtocol() ?? "TLS"} (${took()}), certificate good until ${end}`;
  secured.destroy();
  return told;
}

async function open<S extends Socket | TLSSocket>(socket: S, opened: string): Promise<S> {
  socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
  return new Promise((resolve, reject) => {
    socket.once(opened, () => resolve(socket));
    socket.once("error", (error) => {
      socket.destroy();
      reject(error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error);
    });
  });
}

function adviceFor(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return "check UPVEST_API_BASE_URL and this machine's name server";
  if (code === "ECONNREFUSED") return "is the server running, and the port right?";
  if (/CERT|SIGN|ISSUER|TLS|SSL/.test(code)) {
    return "a proxy in between may sign in the API's place: give its root certificate in NODE_EXTRA_CA_CERTS";
  }
  return "a firewall may be in between: ask for this address and port to be opened";
}

function stopwatch(): () => string {
  const from = performance.now();
  return () => `${Math.round(performance.now() - from)} ms`;
}
