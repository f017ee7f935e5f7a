import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createUpvestClient, type UpvestClient } from "upvest-client";
import { startSandbox, type Sandbox } from "upvest-client/sandbox";
import { startProxy } from "../../src/proxy/proxy.js";

const executablePath = "/usr/bin/chromium";
const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Another text than the page shows while nothing is filtered. */
const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

describe.skipIf(!existsSync(executablePath))("the page, in Chromium", { timeout: 120_000 }, () => {
  let sandbox: Sandbox;
  let client: UpvestClient;
  let context: BrowserContext;
  let profile: string;

  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), "upvest-client-page-"));
    sandbox = await startSandbox({ inspector: true, deliverySpeed: Infinity });
    client = createUpvestClient({
      baseUrl: sandbox.url,
      ...sandbox.credentials,
      retry: { baseDelay: 1, maxDelay: 1 },
    });
    context = await chromium.launchPersistentContext(profile, {
      executablePath,
      args,
      viewport: { width: 1280, height: 800 },
    });
    context.setDefaultTimeout(60_000);
    await client.GET("/accounts", { params: { query: { limit: 2 } } });
    await client.GET("/accounts", { params: { query: { limit: 5000 } } });
    await client.POST("/users", { body: { first_name: HOSTILE } as never });
    // Something on the way that rewrites a header.
    const meddling: typeof fetch = (url, init) => {
      const headers = new Headers(init?.headers);
      if (!String(url).endsWith("/auth/token")) headers.set("accept", "*/*");
      return fetch(url, { ...init, headers });
    };
    await createUpvestClient({ baseUrl: sandbox.url, ...sandbox.credentials, fetch: meddling }).GET("/users");
    await sandbox.deliver([{ type: "ACCOUNT.ACTIVATED", object: { id: "x" } }], "http://127.0.0.1:1/hooks", {
      tamper: "unsigned",
    });
  });
  afterAll(async () => {
    await context.close();
    await sandbox.close();
    await rm(profile, { recursive: true, force: true });
  });

  /** Opens the page; whatever it complains of in its console fails the test. */
  async function open(
    viewport = { width: 1280, height: 800 },
    colorScheme: "light" | "dark" = "light",
    inspector = sandbox.inspector ?? "",
  ): Promise<Page> {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(inspector) && !request.url().startsWith("data:"))
        complaints.push(request.url());
    });
    onTestFinished(async () => {
      await page.close();
      expect(complaints).toEqual([]);
    });
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await page.addInitScript(markWhenAllIsTold);
    await page.goto(inspector);
    // Not at the first row: what came before the page was opened may come in more than one piece.
    await page.locator("html[data-all-told] #list li").first().waitFor();
    return page;
  }

  const refusedRow = (page: Page) =>
    page.locator("#list li", { hasText: "list_users" }).filter({ hasText: "signature refused" }).first();

  it("shows calls as they come, newest first, and counts them", async () => {
    const page = await open();
    await client.GET("/instruments", { params: { query: { limit: 3 } } });
    const row = page.locator("#list li", { hasText: "/instruments?limit=3" });
    await row.waitFor();
    const targets = await page.locator("#list li .target").allTextContents();
    expect(targets.indexOf("/instruments?limit=3")).toBeLessThan(targets.indexOf("/accounts?limit=2"));
    await page.getByText(/^\d+ calls, 1 delivery$/).waitFor();
    expect(await page.locator("#link").textContent()).toBe("live");
    expect(await page.locator("#source").textContent()).toContain(sandbox.url);
  });

  it("is used by keys alone: move, open, copy, filter, back", async () => {
    const page = await open();
    await context.grantPermissions(["clipboard-read", "clipboard-write"], {
      origin: (sandbox.inspector ?? "").replace(/\/$/, ""),
    });
    const active = (): Promise<string | null> => page.locator("#list li.active .target").textContent();
    await page.keyboard.press("j");
    const first = await active();
    await page.keyboard.press("ArrowDown");
    const second = await page.locator("#list").getAttribute("aria-activedescendant");
    expect(second).not.toBeNull();
    await page.keyboard.press("k");
    expect(await active()).toBe(first);
    await page.keyboard.press("Home");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    expect(await page.locator('#list li[aria-selected="true"]').count()).toBe(1);
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H2");
    await page.keyboard.press("c");
    await page.getByText("Copied", { exact: true }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /^# Signed by a proxy .*: npx upvest-client proxy --port 3000\ncurl .*'http:\/\/127\.0\.0\.1:3000\//,
    );
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("list");
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("text");
    await page.keyboard.type("limit=5000");
    await page.keyboard.press("Enter");
    expect(await page.locator("#list li:visible").count()).toBe(1);
    expect(await active()).toBe("/accounts?limit=5000");
    await page.getByText(/, 1 shown$/).waitFor();
  });

  it("filters by text in payloads, status, kind and operation", async () => {
    const page = await open();
    const shown = (): Promise<string[]> => page.locator("#list li:visible .target").allTextContents();
    await page.getByLabel("Kind").selectOption("delivery");
    expect(await shown()).toEqual(["http://127.0.0.1:1/hooks"]);
    await page.getByLabel("Kind").selectOption("");
    await page.getByLabel("Status").selectOption("signature");
    expect(new Set(await shown())).toEqual(new Set(["/users"]));
    await page.getByLabel("Status").selectOption("refused");
    await page.getByLabel("Operation").selectOption("list_accounts");
    expect(await shown()).toEqual(["/accounts?limit=5000"]);
    await page.getByLabel("Operation").selectOption("");
    await page.getByLabel("Status").selectOption("");
    await page.getByLabel("Filter").fill("onerror");
    expect(await shown()).toEqual(["/users"]);
    await page.getByLabel("Filter").fill("nothing has this");
    await page.getByText("Nothing fits the filter.").waitFor();
  });

  it("a refused signature shows the line that differs, and both values", async () => {
    const page = await open();
    await refusedRow(page).click();
    const differing = page.locator("#detail tr.differs");
    await differing.first().waitFor();
    expect(await differing.first().locator("th").textContent()).toBe("accept");
    expect(await page.locator("td.signed mark").allTextContents()).toEqual(["application/json"]);
    expect(await page.locator("td.seen mark").allTextContents()).toEqual(["*/*"]);
    await page.getByText("accept was signed as application/json, and another value was sent.").waitFor();
    await page.getByText(/^1 of \d lines differ$/).waitFor();
  });

  it("what others sent stays text", async () => {
    const page = await open();
    await page.getByLabel("Filter").fill("onerror");
    await page.locator("#list li:visible").first().click();
    await page.locator("#detail summary", { hasText: "Request" }).click();
    await page.getByRole("region", { name: "Request: body" }).filter({ hasText: "onerror" }).waitFor();
    expect(await page.locator("#detail img, #detail script").count()).toBe(0);
    expect(await page.title()).toBe("sandbox · Inspector");
  });

  it("no secret is anywhere in the document", async () => {
    const page = await open();
    const rows = page.locator("#list li");
    const { clientSecret, signingKey } = sandbox.credentials;
    for (let index = 0; index < (await rows.count()); index += 1) {
      await rows.nth(index).click();
      const html = await page.evaluate(() => {
        for (const details of document.querySelectorAll("details")) details.open = true;
        return document.documentElement.outerHTML;
      });
      for (const secret of [clientSecret, signingKey.privateKey.slice(30, 60), "ory_at_"])
        expect(html).not.toContain(secret);
      expect(html).not.toMatch(/sig1=:[\w+/]{20}/);
    }
  });

  it("fits a phone: nothing to scroll sideways, details in the place of the list", async () => {
    const page = await open({ width: 375, height: 812 });
    const overflow = (): Promise<number> =>
      page.evaluate(() =>
        Math.max(
          ...[document.documentElement, ...document.querySelectorAll("#calls, #detail")].map(
            (each) => each.scrollWidth - each.clientWidth,
          ),
        ),
      );
    expect(await overflow()).toBe(0);
    await refusedRow(page).click();
    await page.locator("#detail table").waitFor();
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    expect(await overflow()).toBe(0);
    expect(await page.locator("#list").isVisible()).toBe(false);
    await page.getByLabel("Back to the list").click();
    expect(await page.locator("#list").isVisible()).toBe(true);
  });

  it("keeps what is open in the address: Back leads to the list on a phone, reload to the same call", async () => {
    const page = await open({ width: 375, height: 812 });
    const heading = page.locator("#detail h2");
    await page.locator("#list li", { hasText: "limit=5000" }).click();
    expect(await heading.textContent()).toBe("GET /accounts?limit=5000");
    const { length } = await page.evaluate(() => ({ length: history.length }));
    await page.keyboard.press("j");
    const next = await heading.textContent();
    expect(next).not.toBe("GET /accounts?limit=5000");
    expect(await page.evaluate(() => history.length)).toBe(length);

    await page.reload();
    await heading.waitFor();
    expect(await heading.textContent()).toBe(next);
    await page.goBack();
    await page.locator("#list").waitFor();
    expect(page.url()).toBe(sandbox.inspector);
    await page.goForward();
    await heading.waitFor();
    expect(await heading.textContent()).toBe(next);
    await page.getByLabel("Back to the list").click();
    await page.locator("#list").waitFor();
    expect(page.url()).toBe(sandbox.inspector);
  });

  it("an address of another run opens nothing", async () => {
    const page = await open();
    await page.goto(`${sandbox.inspector ?? ""}#00000000/call-1`);
    await page.reload();
    await page.locator("#list li").first().waitFor();
    await page.waitForURL(sandbox.inspector ?? "");
    expect(await page.locator("#detail h2").count()).toBe(0);
  });

  it("a delivery that was tampered with is marked", async () => {
    const page = await open();
    const row = page.locator("#list li", { hasText: "ACCOUNT.ACTIVATED" });
    await row.getByText("tampered: unsigned").waitFor();
    await row.click();
    await page.locator("#detail .tag", { hasText: "tampered: unsigned" }).waitFor();
  });

  it("a write whose outcome is unknown is marked, and its key is told; bars have one scale", async () => {
    const { url: baseUrl, credentials } = sandbox;
    const retry = { baseDelay: 1, maxDelay: 1 };
    const proxy = await startProxy({ client: { baseUrl, ...credentials, retry }, inspector: true });
    onTestFinished(() => proxy.close());
    sandbox.fail({ operation: "place_order", drop: "before", count: 4 });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${proxy.url}/orders`, { method: "POST", headers, body: "{}" });
    const key = answer.headers.get("upvest-client-idempotency-key") ?? expect.fail("no key");
    const page = await open(undefined, undefined, proxy.inspector);
    const row = page.locator("#list li").first();
    expect(await row.locator(".chip.bad").textContent()).toBe("outcome unknown");
    await row.click();
    await page.locator("#detail > header .tag", { hasText: "outcome unknown" }).waitFor();
    expect(await page.locator("#detail > dl").textContent()).toContain(`idempotency key${key}`);
    expect(await page.locator("#detail > .note.bad").textContent()).toContain(key);
    const widths = await page
      .locator("#detail .waterfall")
      .evaluateAll((bars) => bars.map((bar) => Math.round(bar.getBoundingClientRect().width)));
    expect(widths).toHaveLength(5);
    expect(new Set(widths).size).toBe(1);
    expect(await page.evaluate(poorContrast)).toEqual([]);
    // An attempt without an answer: nobody judged the signature.
    expect(await page.locator("#detail .attempt").last().locator(".signature h4").count()).toBe(0);
    expect(await page.locator("#detail .attempt").last().getByText("Signature base").count()).toBe(1);
  });

  it.each(["light", "dark"] as const)("every text has the contrast of WCAG AA, %s", async (scheme) => {
    const page = await open(undefined, scheme);
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    const poor: string[] = [];
    for (const text of ["list_users", "limit=2", "limit=5000", "ACCOUNT.ACTIVATED"]) {
      await page.locator("#list li", { hasText: text }).first().click();
      poor.push(...(await page.evaluate(poorContrast)));
    }
    expect([...new Set(poor)]).toEqual([]);
  });

  it("has names for what is there: landmarks, labels, live regions", async () => {
    const page = await open();
    for (const role of ["banner", "search", "main", "contentinfo", "listbox"] as const) {
      expect(await page.getByRole(role).count(), role).toBe(1);
    }
    await page.getByRole("searchbox", { name: "Filter" }).waitFor();
    for (const name of ["Kind", "Status", "Operation"]) await page.getByRole("combobox", { name }).waitFor();
    expect(await page.getByRole("region", { name: "Details" }).count()).toBe(1);
    expect(await page.locator('#count[aria-live="polite"]').count()).toBe(1);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the calls");
    await page.keyboard.press("Tab");
    expect(
      await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle),
    ).toBe("solid");
  });
});

/** Runs in the page before its own script: marks the document once all that was before has been told. */
function markWhenAllIsTold(): void {
  window.EventSource = class extends EventSource {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener("current", () => (document.documentElement.dataset["allTold"] = ""));
    }
  };
}

/** Runs in the page: the texts whose contrast with what is behind them is under 4.5 (WCAG 2.2, 1.4.3). */
function poorContrast(): string[] {
  type Colour = readonly [number, number, number, number];
  const read = (css: string): Colour => {
    const [r = 0, g = 0, b = 0, a = 1] = (css.match(/[\d.]+/g) ?? []).map(Number);
    return [r, g, b, a];
  };
  const luminance = ([r, g, b]: Colour): number => {
    const [x = 0, y = 0, z = 0] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element: Element | null): Colour => {
    for (let each = element; each !== null; each = each.parentElement) {
      const colour = read(getComputedStyle(each).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode() !== null) {
    const element = walker.currentNode.parentElement;
    if (
      element === null ||
      walker.currentNode.textContent?.trim() === "" ||
      element.getClientRects().length === 0
    )
      continue;
    if (element.matches("script, style, option, .skip")) continue;
    const [light = 0, dark = 0] = [read(getComputedStyle(element).color), behind(element)]
      .map(luminance)
      .toSorted((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < 4.5)
      found.push(
        `${element.tagName}.${element.className} ${ratio.toFixed(2)}: ${element.textContent?.slice(0, 40) ?? ""}`,
      );
  }
  return found;
}
