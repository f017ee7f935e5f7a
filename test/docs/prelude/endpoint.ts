import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An endpoint for deliveries that takes everything. */
const server = createServer((request, response) => {
  request.resume().on("end", () => response.end());
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;

export const endpoint = `http://127.0.0.1:${port}/hooks/upvest`;
