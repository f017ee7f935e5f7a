import type { Exchange, Fault } from "./fault.js";
import { answer, head, problem, whole, type Answer } from "./message.js";

/** Bytes of a gigantic answer: below the client's limit of 64 MiB. */
const GIGANTIC = 24 * 1024 * 1024;

const padding = Buffer.alloc(GIGANTIC, "x");

const login = "<!doctype html><title>Sign in</title><p>Sign in to use this network.</p>";
const edgePage = "<html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>";

/** How the edge answers on its own: most often without a body, never with a problem (Upvest docs, "Bad gateway"). */
const bare = ({ dice }: Exchange): Answer =>
  answer(
    dice.pick([502, 502, 502, 503, 504, 520, 522, 524]),
    dice.pick(["", "", edgePage, "error code: 502"]),
    "text/html",
  );

/** A refusal that never reaches the server. */
const refusal = (name: string, weight: number, made: (exchange: Exchange) => Answer): Fault => ({
  name,
  weight,
  refuses: true,
  perform: async (exchange) => exchange.send(whole(made(exchange))),
});

/** Said where the connection ends behind the answer, so that no other call is put on it. */
const last = { connection: "close" };

/** The server acts, and its answer is mangled. */
const mangled = (
  name: string,
  weight: number,
  mangle: (answer: Answer, exchange: Exchange) => Buffer | Answer,
): Fault => ({
  name,
  weight,
  async perform(exchange) {
    const made = mangle(await exchange.forward(), exchange);
    await exchange.send(Buffer.isBuffer(made) ? made : whole(made));
    // What follows on the same connection could not be told apart.
    if (Buffer.isBuffer(made)) exchange.socket.end();
  },
});

const tooMany = (retryAfter?: string): Answer =>
  problem(429, "too_many_requests", retryAfter === undefined ? {} : { "retry-after": retryAfter });

const brokenJson = ({ body }: Answer, { dice }: Exchange): Buffer => {
  const text = body.toString();
  return dice.pick([
    Buffer.from(text.slice(0, -1)),
    Buffer.from(`${text}${text || "}"}`),
    Buffer.from('{"id": NaN}'),
    Buffer.from("{'id': 'single'}"),
    Buffer.from("[".repeat(100_000)),
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x00, 0x22]),
    Buffer.from("OK"),
  ]);
};

/** What answers do: refuse, storm, lie about their type, hold nonsense, have no end. */
export const answerFaults: readonly Fault[] = [
  refusal("429", 6, () => tooMany()),
  refusal("429, Retry-After: 0", 4, () => tooMany("0")),
  refusal("429, Retry-After: 1", 0.4, () => tooMany("1")),
  refusal("429, Retry-After unreadable", 1, ({ dice }) => tooMany(dice.pick(["soon", "-1", "1.5", ""]))),
  refusal("429, Retry-After beyond reason", 0.5, ({ dice }) =>
    tooMany(dice.pick(["3600", "99999999999999", "9".repeat(400)])),
  ),
  refusal("401 in the middle", 4, () => problem(401, "unauthorised")),
  {
    name: "401, its body broken off",
    weight: 1,
    refuses: true,
    async perform({ send, socket }) {
      await send(head(answer(401), { "content-length": 5_000 }));
      await send("{");
      socket.resetAndDestroy();
    },
  },
  {
    name: "302 to a login page",
    weight: 1,
    perform: ({ send }) => send(whole(answer(302, "", "", { location: "https://login.example/?next=/" }))),
  },
  {
    name: "bare 502, before the server saw it",
    weight: 5,
    perform: async (exchange) => exchange.send(whole(bare(exchange))),
  },
  mangled("bare 502, after the server acted", 6, (_, exchange) => bare(exchange)),
  {
    name: "bare 502, its body broken off",
    weight: 1,
    async perform({ send, socket }) {
      await send(head(answer(502), { "content-length": 5_000 }));
      await send("<html>");
      socket.resetAndDestroy();
    },
  },
  {
    name: "a gigantic 503",
    weight: 0.1,
    spreads: true,
    async perform({ send }) {
      const { headers } = problem(503, "unavailable");
      const parts = [
        Buffer.from('{"type":"unavailable","status":503,"detail":"'),
        padding,
        Buffer.from('"}'),
      ];
      const length = parts.reduce((sum, { length }) => sum + length, 0);
      await send(head({ status: 503, headers }, { "content-length": length }));
      for (const part of parts) await send(part);
    },
  },
  {
    name: "HTML with 200, before the server saw it",
    weight: 2,
    perform: ({ send }) => send(whole(answer(200, login, "text/html"))),
  },
  mangled("HTML with 200, after the server acted", 2, () => answer(200, login, "text/html")),
  mangled("JSON that calls itself HTML", 3, ({ body, ...made }) => ({
    ...made,
    headers: { ...made.headers, "content-type": "text/html; charset=utf-8" },
    body,
  })),
  mangled("malformed JSON", 4, (made, exchange) => ({ ...made, body: brokenJson(made, exchange) })),
  mangled("an answer without its body", 2, (made) => ({ ...made, body: Buffer.alloc(0) })),
  {
    ...mangled("JSON that is no page", 3, ({ headers }, { dice }) => {
      const body = dice.pick([
        "null",
        "[]",
        "{}",
        '{"meta":null,"data":[]}',
        '{"meta":{"total_count":9},"data":{}}',
      ]);
      return { status: 200, headers, body: Buffer.from(body) };
    }),
    only: "walks",
  },
  {
    name: "gigantic JSON",
    weight: 0.25,
    spreads: true,
    async perform({ forward, send }) {
      const { body, ...made } = await forward();
      // Falls back to a white lie where there is no object to put it into.
      const inside = body.length > 2 && body[0] === 0x7b;
      const [before, after] = inside
        ? [Buffer.from('{"padding":"'), Buffer.concat([Buffer.from('",'), body.subarray(1)])]
        : [Buffer.alloc(0), body];
      const length = before.length + (inside ? GIGANTIC : 0) + after.length;
      await send(head(made, made.status === 204 ? {} : { "content-length": length }));
      if (length === 0) return;
      await send(before);
      if (inside) await send(padding);
      await send(after);
    },
  },
  {
    name: "JSON without an end",
    weight: 0.1,
    spreads: true,
    async perform({ forward, send, socket }) {
      await forward();
      await send(head(answer(200, "[", "application/json"), { "transfer-encoding": "chunked" }));
      const piece = Buffer.concat([
        Buffer.from("100000\r\n"),
        Buffer.alloc(0x10_00_00, "["),
        Buffer.from("\r\n"),
      ]);
      while (!socket.destroyed) await send(piece);
    },
  },
  mangled("not HTTP", 2, () => Buffer.from("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")),
  mangled("a status that HTTP does not have", 2, (made, { dice }) => ({
    ...made,
    status: dice.pick([600, 799, 999]),
  })),
  mangled("an odd reason phrase", 2, (made) =>
    Buffer.concat([
      head(made, { "content-length": made.body.length, ...last }, "日本 à la carte"),
      made.body,
    ]),
  ),
  mangled("headers without measure", 2, (made) => whole(made, { "x-trace": "t".repeat(64 * 1024), ...last })),
  mangled("gzip that is none", 2, (made) => whole(made, { "content-encoding": "gzip", ...last })),
];
