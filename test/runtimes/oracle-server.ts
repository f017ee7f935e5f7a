import { answer, serve, type Server } from "./http.js";
import type { Oracle } from "./oracle.js";
import { oddAccounts } from "./plan.js";

const page = { meta: { offset: 0, limit: 2, count: 0, total_count: 0 }, data: [] };

/** An API that judges signatures and little else; some accounts answer in ways that no proxy or sandbox would. */
export const serveOracle = (oracle: Oracle): Promise<Server> =>
  serve(({ method = "", url = "", headers }, body, response) => {
    const values = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
    const fault = oracle.fault({ method, url, headers: new Map(values) });
    if (fault !== undefined) {
      const detail = `${method} ${url}: ${fault}`;
      answer(response, 401, { type: "/errors/unauthorized", title: "Signature", status: 401, detail });
      return;
    }
    if (url === "/auth/token") {
      const scope = new URLSearchParams(body.toString()).get("scope");
      answer(response, 200, { access_token: "ory_at_oracle", token_type: "bearer", expires_in: 1800, scope });
      return;
    }
    const [path = ""] = url.split("?");
    const id = path.split("/")[2];
    switch (id) {
      case undefined:
        answer(response, 200, page);
        return;
      case oddAccounts.silent:
        return;
      case oddAccounts.cut:
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        response.write('{"id":', () => response.destroy());
        return;
      case oddAccounts.moved:
        answer(response, 307, {}, { location: `/accounts/${oddAccounts.movedTo}` });
        return;
      default:
        answer(response, 200, { id });
    }
  });
