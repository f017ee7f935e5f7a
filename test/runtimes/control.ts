import type { FailureRule, Sandbox } from "upvest-client/sandbox";
import { freePort } from "../support/free-port.js";
import { answer, serve, type Server } from "./http.js";
import type { Plan, RecordedDelivery, Report } from "./plan.js";

const tamperings = ["body", "digest", "signature", "unsigned", "uncovered", "key", "expired"] as const;

const event = (type: string): { type: string; object: object } => ({
  type,
  object: { id: crypto.randomUUID() },
});

export interface Control extends Server {
  /** The next report that a script makes. */
  readonly nextReport: () => Promise<Report>;
}

/** What a script under test talks to besides the API: its plan, what the sandbox shall do next, its report. */
export async function serveControl(plan: Plan, sandbox: Sandbox): Promise<Control> {
  let take: (report: Report) => void = () => undefined;
  const server = await serve(async ({ url = "" }, body, response) => {
    const given: unknown = body.length === 0 ? undefined : JSON.parse(body.toString());
    const reply = async (): Promise<unknown> => {
      switch (url) {
        case "/plan":
          return plan;
        case "/fail":
          return sandbox.fail(given as FailureRule);
        case "/effects":
          return sandbox.effects(String(given));
        case "/deliveries":
          return recordDeliveries(sandbox);
        case "/deliver":
          return deliver(sandbox, String(given));
        case "/report":
          return take(given as Report);
        default:
          throw new Error("unknown");
      }
    };
    answer(response, 200, (await reply()) ?? null);
  });
  return {
    ...server,
    nextReport: () =>
      new Promise((resolve) => {
        take = resolve;
      }),
  };
}

/** One delivery of each kind, as it arrives at a server that only writes down. */
async function recordDeliveries(sandbox: Sandbox): Promise<readonly RecordedDelivery[]> {
  const recorded: Omit<RecordedDelivery, "name">[] = [];
  const recorder = await serve(({ method = "", url: path = "", headers }, body, response) => {
    const pairs = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    recorded.push({ method, path, headers: pairs, body: body.toString("base64") });
    response.writeHead(200).end();
  });
  const url = `${recorder.url}/hooks/upvest?tenant=7`;
  const names: string[] = [];
  for (const version of [6, 15] as const) {
    names.push(`version ${version}`);
    await sandbox.deliver([event("ORDER.FILLED")], url, { version });
  }
  for (const tamper of tamperings) {
    names.push(tamper);
    await sandbox.deliver([event("ORDER.FILLED")], url, { tamper });
  }
  await recorder.close();
  return recorded.map((delivery, index) => ({ name: names[index] ?? "", ...delivery }));
}

/** ms; a delivery is answered in a few, but one that is refused would come again without end. */
const patience = 5_000;

async function deliver(sandbox: Sandbox, url: string): Promise<Readonly<Record<string, unknown>>> {
  const [changed] = await sandbox.deliver([event("ORDER.CANCELLED")], url, { tamper: "digest" });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly []>((resolve) => {
    timer = setTimeout(resolve, patience, []);
  });
  const delivered = sandbox.deliver([event("ORDER.NEW"), event("ORDER.FILLED")], url);
  const [good] = await Promise.race([delivered, late]);
  clearTimeout(timer);
  const last = sandbox.deliveries.at(-1);
  return { good: good?.status ?? `${last?.status}: ${last?.answer}`, changed: changed?.status };
}

/** An address on loopback where nobody listens. */
export const nobody = async (): Promise<string> => `http://127.0.0.1:${await freePort()}`;
