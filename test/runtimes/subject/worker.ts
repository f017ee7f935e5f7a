import { cryptographyOf } from "./observe.js";
import { createUpvestClient, fromEnv, unwrap, type UpvestClient } from "upvest-client";
import type { WebhookHandler, WebhookReceiver } from "upvest-client/webhooks";
import { conform } from "./conformance.js";
import { expectSame } from "./expect.js";

type Env = Readonly<Record<string, string>>;

let receiving: { readonly receiver: WebhookReceiver; readonly onEvent: WebhookHandler } | undefined;

/** One client for all requests, as a worker keeps it. */
let shared: UpvestClient | undefined;

const useShared = (env: Env): Promise<unknown> => {
  shared ??= createUpvestClient({ ...fromEnv(env), timeout: 1_000 });
  return unwrap(shared.GET("/users", { params: { query: { limit: 1 } } }));
};

/**
 * What one request has begun, the runtime drops when that request ends: a token request, say, that others wait for.
 * They must come to their token all the same.
 */
async function shareClient(origin: string): Promise<void> {
  const call = async (path: string): Promise<string> => (await fetch(`${origin}${path}`)).text();
  expectSame(await call("/abandoned"), "left", "a request that leaves its call behind");
  const answers = await Promise.all([call("/shared"), call("/shared"), call("/shared")]);
  expectSame(answers, ["ok", "ok", "ok"], "the requests after it");
}

/** A worker has no server of its own to start: deliveries come to the one that it is. */
async function handle(request: Request, env: Env): Promise<Response> {
  const { origin, pathname, searchParams } = new URL(request.url);
  switch (pathname) {
    case "/upvest":
      return receiving?.receiver.handle(request, receiving.onEvent) ?? new Response(null, { status: 404 });
    case "/abandoned":
      void useShared(env).catch(() => undefined);
      return new Response("left");
    case "/shared":
      return new Response(
        await useShared(env).then(
          () => "ok",
          (error: unknown) => String(error),
        ),
      );
    default:
      await conform(searchParams.get("control") ?? "", {
        version: navigator.userAgent,
        cryptographyOf,
        tellsRefusal: false,
        env,
        ...(env["SHARE_CLIENT"] !== undefined && { shareClient: () => shareClient(origin) }),
        listen: async (receiver, onEvent) => {
          receiving = { receiver, onEvent };
          return {
            url: `${origin}/upvest`,
            close: async () => {
              receiving = undefined;
            },
          };
        },
      });
      return new Response("reported");
  }
}

// The one way to hand a worker to workerd.
// oxlint-disable-next-line import/no-default-export
export default { fetch: handle };
