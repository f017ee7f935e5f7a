import { EventEmitter, once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { isNativeError } from "node:util/types";
import { describe, expect, it, onTestFinished } from "vitest";
import { createUpvestClient, UpvestApiError, UpvestConfigError, UpvestError } from "upvest-client";
import { grant, json, problem, startApi, type Received, type Responder } from "./support/api.js";

const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
};

const thrownBy = (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

const accounts = (all: readonly number[], offset: number, size: number) => {
  const data = all.slice(offset, offset + size).map((index) => ({ id: `account-${index}` }));
  return { meta: { offset, limit: size, count: data.length, total_count: all.length }, data };
};

const offsetOf = ({ url }: Received): number =>
  Number(new URL(url, "http://localhost").searchParams.get("offset"));

/** Answers with accounts, `size` to the page, whatever `limit` says. */
const accountPages =
  (total: number, size: number): Responder =>
  (request) =>
    json(accounts(items(total), offsetOf(request), size));

const idsOf = (indexes: readonly number[]): string[] => indexes.map((index) => `account-${index}`);

describe("a walk, at the wire", () => {
  it.each([1, 4])("with concurrency %i, an empty page before the end is an error", async (concurrency) => {
    let broken = true;
    const api = await startApi((request) => {
      const { meta, data } = accounts(items(100), offsetOf(request), 10);
      return json(broken && meta.offset === 20 ? { meta: { ...meta, count: 0 }, data: [] } : { meta, data });
    });
    const client = createUpvestClient(api.options);
    const seen: string[] = [];
    const walk = async (offset = 0): Promise<void> => {
      const init = { params: { query: { offset } }, concurrency };
      for await (const { id } of client.paginate("/accounts", init)) seen.push(id);
    };
    const error = await thrownBy(walk);
    expect(error).toBeInstanceOf(UpvestError);
    expect(error).toMatchObject({
      message: "The page at offset 20 is empty, though meta.total_count says 100: items would be missing",
      resumeOffset: 20,
    });
    broken = false;
    await walk(20);
    expect(seen).toEqual(idsOf(items(100)));
  });

  it.each([1, 4])(
    "with concurrency %i, ends where the collection shrank to what was walked",
    async (concurrency) => {
      const api = await startApi((request) =>
        json(accounts(items(offsetOf(request) < 20 ? 30 : 15), offsetOf(request), 10)),
      );
      const walk = createUpvestClient(api.options).paginate("/accounts", { concurrency });
      expect((await collect(walk)).map(({ id }) => id)).toEqual(idsOf(items(20)));
    },
  );

  it("is an error where the first page is empty, unless it begins at the end", async () => {
    const api = await startApi((request) => json(accounts(items(7), offsetOf(request), 0)));
    const client = createUpvestClient(api.options);
    const walk = (offset: number) => client.paginate("/accounts", { params: { query: { offset } } });
    await expect(collect(walk(6))).rejects.toMatchObject({ resumeOffset: 6 });
    expect(await collect(walk(7))).toEqual([]);
  });

  it("to an array that fails is to be walked again from its start: what it held is gone", async () => {
    const api = await startApi((request) =>
      offsetOf(request) === 15 ? problem(404, "not_found") : json(accounts(items(40), offsetOf(request), 5)),
    );
    const client = createUpvestClient(api.options);
    const walk = (offset: number) =>
      client.paginate("/accounts", { params: { query: { offset } } }).toArray({ max: 100 });
    await expect(walk(0)).rejects.toMatchObject({ status: 404, resumeOffset: 0 });
    await expect(walk(5)).rejects.toMatchObject({ status: 404, resumeOffset: 5 });
  });
});

describe("concurrency, at the wire", () => {
  it("has so many page requests out at once, and no more", async () => {
    const waiting: (() => void)[] = [];
    const most: number[] = [];
    const api = await startApi(async (request) => {
      // Page 0 alone; then four at a time: none is answered before the fourth has come.
      if (offsetOf(request) > 0) {
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length === 4) {
            most.push(waiting.length);
            // The last one asked for is answered first.
            for (const answer of waiting.splice(0).toReversed()) answer();
          }
        });
      }
      return json(accounts(items(45), offsetOf(request), 5));
    });
    const client = createUpvestClient(api.options);
    const walked = await collect(client.paginate("/accounts", { concurrency: 4 }));
    expect(walked.map(({ id }) => id)).toEqual(idsOf(items(45)));
    expect(most).toEqual([4, 4]);
    expect(api.calls.map(offsetOf).toSorted((a, b) => a - b)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40]);
  });

  it("of many is told of by no warning: they all listen to whether the walk is left", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    const api = await startApi(accountPages(200, 2));
    const walk = createUpvestClient(api.options).paginate("/accounts", { concurrency: 50 });
    expect(await walk.toArray({ max: 200 })).toHaveLength(200);
    expect(warnings.map(({ name }) => name)).not.toContain("MaxListenersExceededWarning");
  });

  it("goes by the size of the page that came, where the server caps the limit", async () => {
    const api = await startApi(accountPages(23, 5));
    const walk = createUpvestClient(api.options).paginate("/accounts", {
      params: { query: { limit: 1000, offset: 3 } },
      concurrency: 3,
    });
    expect((await walk.toArray({ max: 100 })).map(({ id }) => id)).toEqual(idsOf(items(23).slice(3)));
    expect(api.calls).toHaveLength(4);
    expect(api.calls.map(offsetOf)).toEqual([3, 8, 13, 18]);
  });

  it("of nothing is one request and one empty page", async () => {
    const api = await startApi(accountPages(0, 5));
    const walk = createUpvestClient(api.options).paginate("/accounts", { concurrency: 4 });
    const pages = await collect(walk.pages());
    expect(pages.map(({ data }) => data)).toEqual([[]]);
    expect(api.calls).toHaveLength(1);
  });

  it("tells an error in its turn, with an offset to walk on from", async () => {
    let broken = true;
    const api = await startApi((request) =>
      offsetOf(request) === 15 && broken
        ? problem(404, "not_found")
        : json(accounts(items(40), offsetOf(request), 5)),
    );
    const client = createUpvestClient(api.options);
    const seen: string[] = [];
    const walk = async (offset: number): Promise<void> => {
      const init = { params: { query: { offset } }, concurrency: 4 };
      for await (const { id } of client.paginate("/accounts", init)) seen.push(id);
    };
    const error = await thrownBy(() => walk(0));
    expect(error).toBeInstanceOf(UpvestApiError);
    expect(error).toMatchObject({ status: 404, resumeOffset: 15 });
    expect(seen).toEqual(idsOf(items(15)));
    broken = false;
    await walk(15);
    expect(seen).toEqual(idsOf(items(40)));
  });

  it("tells where this walk stands, though all its pages failed with one token request", async () => {
    let late = 0;
    const api = await startApi(
      (request) => {
        // The token ends while the caller has the first page: the next four wait for one and the same token request.
        late = 3_600_000;
        return json(accounts(items(100), offsetOf(request), 10));
      },
      (request, nth) => (nth === 0 ? grant()(request, nth) : { cut: "before" }),
    );
    const client = createUpvestClient({ ...api.options, retry: false, clock: () => Date.now() + late });
    const seen: string[] = [];
    const error = await thrownBy(async () => {
      for await (const { id } of client.paginate("/accounts", { concurrency: 4 })) seen.push(id);
    });
    expect(error).toMatchObject({ name: "UpvestConnectionError", resumeOffset: 10 });
    expect(seen).toEqual(idsOf(items(10)));
    expect(api.tokenRequests).toHaveLength(2);
  });

  it("tells each of two walks where it stands, though they failed with one token request", async () => {
    const api = await startApi(accountPages(0, 1), () => problem(400, "invalid_request"));
    const client = createUpvestClient({ ...api.options, scopes: ["accounts:read", "users:read"] });
    const walk = (path: "/accounts" | "/users", offset: number): Promise<unknown> =>
      thrownBy(() => collect(client.paginate(path, { params: { query: { offset } } })));
    const errors = await Promise.all([walk("/accounts", 100), walk("/users", 7000)]);
    const { error: refused } = await client.GET("/accounts");
    expect(errors).toMatchObject([{ resumeOffset: 100 }, { resumeOffset: 7000 }]);
    expect(errors.every((error) => error instanceof UpvestApiError)).toBe(true);
    expect(refused).not.toHaveProperty("resumeOffset");
    expect(api.tokenRequests).toHaveLength(2);
  });

  it("throws the error of the call itself, but for the offset", async () => {
    const api = await startApi(() => problem(401, "unauthorised"));
    const client = createUpvestClient(api.options);
    const { error: told } = await client.GET("/accounts");
    const error = await thrownBy(() => collect(client.paginate("/accounts")));
    if (!(error instanceof UpvestApiError) || told === undefined) throw new Error("no refusal came");
    expect(isNativeError(error)).toBe(true);
    expect(error.message).toBe(told.message);
    expect(error.stack).toMatch(
      /^UpvestApiError: GET \/accounts \(list_accounts\): 401 unauthorised.*\n\s+at /,
    );
    expect(inspect(error)).toMatch(/^UpvestApiError: .*resumeOffset: 0/s);
    expect(error.explain()).toContain('"@method": GET');
    expect(error.toJSON()).toEqual({ ...told.toJSON(), resumeOffset: 0 });
  });

  it("cancels the pages under way when the loop is left", async () => {
    const held: ServerResponse[] = [];
    const closed: Promise<unknown>[] = [];
    const asked = new EventEmitter();
    const allHeld = once(asked, "third");
    const server = createServer((request, response) => {
      response.setHeader("content-type", "application/json");
      if (request.url === "/auth/token") {
        request.resume();
        response.end(
          '{"access_token":"ory_at_t","expires_in":1800,"token_type":"bearer","scope":"accounts:read"}',
        );
        return;
      }
      const offset = Number(new URL(request.url ?? "", "http://localhost").searchParams.get("offset"));
      if (offset === 0) {
        response.end(JSON.stringify(accounts(items(100), 0, 5)));
        return;
      }
      held.push(response);
      closed.push(once(response, "close"));
      if (held.length === 3) asked.emit("third");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const api = await startApi(() => json({}));
    const client = createUpvestClient({
      ...api.options,
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    for await (const { id } of client.paginate("/accounts", { concurrency: 3 })) {
      await allHeld;
      if (id === "account-2") break;
    }
    await Promise.all(closed);
    expect(held).toHaveLength(3);
    expect(held.every((response) => response.destroyed && !response.writableEnded)).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 101])("refuses %d", async (concurrency) => {
    const api = await startApi(accountPages(1, 1));
    const client = createUpvestClient(api.options);
    expect(() => client.paginate("/accounts", { concurrency })).toThrow(UpvestConfigError);
    expect(() => client.paginate("/accounts", { concurrency })).toThrow(
      `concurrency must be a whole number of pages from 1 to 100; it is ${concurrency}`,
    );
    expect(api.calls).toHaveLength(0);
  });

  it("refuses verify beside it", async () => {
    const client = createUpvestClient((await startApi(accountPages(1, 1))).options);
    expect(() => client.paginate("/accounts", { concurrency: 2, verify: true })).toThrow(UpvestConfigError);
    expect(() => client.paginate("/accounts", { concurrency: 1, verify: true })).not.toThrow();
  });
});
