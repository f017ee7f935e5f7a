import { cryptographyOf } from "./observe.js";
import { conform } from "./conformance.js";

declare const Deno: {
  readonly version: { readonly deno: string };
  readonly args: readonly string[];
  serve(
    options: { readonly hostname: string; readonly port: number; readonly onListen: () => void },
    handler: (request: Request) => Promise<Response>,
  ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
};

await conform(Deno.args[0] ?? "", {
  version: Deno.version.deno,
  cryptographyOf,
  tellsRefusal: true,
  listen: async (receiver, onEvent) => {
    const quiet = { hostname: "127.0.0.1", port: 0, onListen: () => undefined };
    const server = Deno.serve(quiet, (request) => receiver.handle(request, onEvent));
    return { url: `http://127.0.0.1:${server.addr.port}/upvest`, close: () => server.shutdown() };
  },
});
