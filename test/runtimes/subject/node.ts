import { cryptographyOf } from "./observe.js";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "upvest-client/webhooks";
import { conform } from "./conformance.js";

const [, , control = ""] = process.argv;

conform(control, {
  version: process.version,
  cryptographyOf,
  tellsRefusal: true,
  listen: async (receiver, onEvent) => {
    const server = createServer(toNodeHandler(receiver, onEvent));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/upvest`,
      close: async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
}).catch((error: unknown) => {
  process.exitCode = 1;
  throw error;
});
