import { describe, expect, it } from "vitest";
import { description } from "../../generated/description.js";
import {
  createWebhookReceiver,
  isKnownEvent,
  on,
  validateEvent,
  type EventOf,
  type WebhookEvent,
} from "../../src/webhooks/index.js";
import { anEvent, batch, clock, deliver, publicKeys, type TestEvent } from "./support.js";

/** The example of every kind of event in the description. */
function exampleEvents(): TestEvent[] {
  const found: TestEvent[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("webhook_id" in value && "object" in value && "type" in value && typeof value.type === "string") {
      found.push(value as TestEvent);
    } else for (const member of Object.values(value)) walk(member);
  };
  walk(description["webhooks"]);
  return found;
}

const receive = async (...events: readonly unknown[]): Promise<readonly unknown[]> =>
  createWebhookReceiver({ keys: publicKeys, clock }).verify(deliver({ body: batch(...events) }));

describe("events", () => {
  it("arrive as they were sent: the examples of the description, known and valid", async () => {
    const examples = exampleEvents();
    expect(examples.length).toBeGreaterThan(30);
    expect(await receive(...examples)).toEqual(examples);
    for (const example of examples) {
      expect(isKnownEvent({ ...example })).toBe(true);
      expect(await validateEvent(example)).toEqual({ valid: true });
    }
  });

  it("of an unknown type, or with more than is known, arrive too", async () => {
    const strange = [
      anEvent(1, { type: "MOON.LANDED", object: [1, 2] }),
      { ...anEvent(2), extra: true },
      { id: "not-a-uuid", type: "" },
      anEvent(3, { type: "constructor" }),
    ];
    expect(await receive(...strange)).toEqual(strange);
    expect(isKnownEvent(anEvent(1, { type: "MOON.LANDED" }))).toBe(false);
  });

  it("are checked against the description on demand", async () => {
    const wrong = await validateEvent({ ...anEvent(), created_at: 5 });
    expect(wrong).toMatchObject({ valid: false });
    expect(wrong.valid ? [] : wrong.errors.map(({ path }) => path)).toContain("/created_at");
  });
});

describe("on", () => {
  it("passes each event to the member of its type, and waits for it", async () => {
    const heard: string[] = [];
    const handler = on({
      "ORDER.FILLED": async (event) => {
        await Promise.resolve();
        heard.push(`filled ${event.object.id}`);
      },
      "ACCOUNT.CREATED": (event) => heard.push(`account ${event.object.id}`),
      default: (event) => heard.push(`other ${event.type}`),
    });
    await handler(anEvent(1, { type: "ORDER.FILLED", object: { id: "o1" } }));
    await handler(anEvent(2, { type: "ACCOUNT.CREATED", object: { id: "a1" } }));
    for (const type of ["ORDER.NEW", "MOON.LANDED", "constructor", "__proto__", "toString", "default"]) {
      await handler(anEvent(3, { type }));
    }
    expect(heard).toEqual([
      "filled o1",
      "account a1",
      "other ORDER.NEW",
      "other MOON.LANDED",
      "other constructor",
      "other __proto__",
      "other toString",
      "other default",
    ]);
  });

  it("finds the methods of a class, also inherited ones, and calls them with their object", async () => {
    const heard: string[] = [];
    class Orders {
      readonly #heard = heard;
      "ORDER.FILLED"({ object }: EventOf<"ORDER.FILLED">): void {
        this.#heard.push(`filled ${object.id}`);
      }
      default({ type }: WebhookEvent): void {
        this.#heard.push(`other ${type}`);
      }
    }
    class Both extends Orders {
      async "ACCOUNT.CREATED"(): Promise<void> {
        await Promise.resolve();
        heard.push(`account ${this.constructor.name}`);
      }
    }
    const handler = on(new Both());
    await handler(anEvent(1, { type: "ORDER.FILLED", object: { id: "o1" } }));
    await handler(anEvent(2, { type: "ACCOUNT.CREATED" }));
    for (const type of ["constructor", "ORDER.NEW"]) await handler(anEvent(3, { type }));
    expect(heard).toEqual(["filled o1", "account Both", "other constructor", "other ORDER.NEW"]);
  });

  it("refuses a method that is misspelt, or no function", () => {
    class Misspelt {
      "ORDER.FILED"(): void {}
    }
    class Result {
      get "ORDER.FILLED"(): string {
        return "done";
      }
    }
    // As a program without types would.
    const made = (handlers: object) => (): unknown => Reflect.apply(on, undefined, [handlers]);
    expect(made(new Misspelt())).toThrow(/"ORDER.FILED" is no event type/);
    expect(made(new Result())).toThrow(/the handler of ORDER.FILLED must be a function/);
    expect(made(Object.create({ "ORDER.FILED": () => undefined }))).toThrow(/"ORDER.FILED" is no event type/);
  });

  it("counts an event as handled that nobody wants, and fails when a member fails", async () => {
    await expect(on({})(anEvent())).resolves.toBeUndefined();
    const failing = on({ "USER.CREATED": () => Promise.reject(new Error("no")) });
    await expect(failing(anEvent())).rejects.toThrow("no");
  });
});
