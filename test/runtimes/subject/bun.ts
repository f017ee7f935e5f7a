import { cryptographyOf } from "./observe.js";
import { conform } from "./conformance.js";

declare const Bun: {
  readonly version: string;
  serve(options: {
    readonly hostname: string;
    readonly port: number;
    readonly fetch: (request: Request) => Promise<Response>;
  }): { readonly port: number; stop(closeAll: boolean): Promise<void> };
};

await conform(process.argv[2] ?? "", {
  version: Bun.version,
  cryptographyOf,
  tellsRefusal: true,
  listen: async (receiver, onEvent) => {
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (request) => receiver.handle(request, onEvent),
    });
    return { url: `http://127.0.0.1:${server.port}/upvest`, close: () => server.stop(true) };
  },
});
