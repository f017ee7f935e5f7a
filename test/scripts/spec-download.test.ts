import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { redirect, startPublisher, status, text, type Publisher } from "./spec-publisher.js";
import { plausible } from "./spec-support.js";

const YAML = `# as published\n${stringify(plausible("1.99.0"))}`;
const JSON_TWIN = JSON.stringify(plausible("1.99.0"));
let publisher: Publisher;
const path = (...names: string[]): string => join(publisher.directory, ...names);

beforeEach(async () => {
  publisher = await startPublisher();
});
afterEach(async () => {
  await publisher.close();
});

describe("npm run spec:download", () => {
  it("writes what the address sends, to the byte, and prints old and new version", async () => {
    publisher.answers["/api.yaml?download"] = text(YAML);
    await writeFile(path("upvest.yaml"), stringify(plausible("1.75.0")));
    const { code, printed } = await publisher.download("--url", `${publisher.origin}/api.yaml?download`);
    expect(code).toBe(0);
    expect(printed).toBe(
      `${path("upvest.yaml")}: 1.75.0 -> 1.99.0, 60 operations, from ${publisher.origin}/api.yaml?download`,
    );
    expect(await readFile(path("upvest.yaml"), "utf8")).toBe(YAML);
    expect(await readdir(publisher.directory)).toEqual(["upvest.yaml"]);
  });

  it("needs no file to be there before", async () => {
    publisher.answers["/api.yaml"] = text(YAML);
    const out = path("new", "upvest.yaml");
    const outcome = await publisher.download("--url", `${publisher.origin}/api.yaml`, "--out", out);
    expect(outcome).toMatchObject({ code: 0, printed: expect.stringContaining("nothing -> 1.99.0") });
    expect(await readFile(out, "utf8")).toBe(YAML);
  });

  it("replaces a file that cannot be understood", async () => {
    publisher.answers["/api.yaml"] = text(YAML);
    await writeFile(path("upvest.yaml"), "{{{");
    expect(await publisher.download("--url", `${publisher.origin}/api.yaml`)).toMatchObject({
      code: 0,
      printed: expect.stringContaining("an unreadable file -> 1.99.0"),
    });
  });

  it("leaves a file alone that is the same", async () => {
    publisher.answers["/api.yaml"] = text(YAML);
    await writeFile(path("upvest.yaml"), YAML);
    const { ino, mtimeMs } = await stat(path("upvest.yaml"));
    expect(await publisher.download("--url", `${publisher.origin}/api.yaml`)).toMatchObject({
      code: 0,
      printed: expect.stringContaining("already 1.99.0"),
    });
    expect(await stat(path("upvest.yaml"))).toMatchObject({ ino, mtimeMs });
  });

  it("takes a file that was downloaded by hand, JSON as well as YAML", async () => {
    const file = path("by-hand.json");
    await writeFile(file, JSON_TWIN);
    expect(await publisher.download("--file", file)).toMatchObject({
      code: 0,
      printed: `${path("upvest.yaml")}: nothing -> 1.99.0, 60 operations, from ${file}`,
    });
    expect(await readFile(path("upvest.yaml"), "utf8")).toBe(JSON_TWIN);
    expect(publisher.asked).toEqual([]);
  });

  it.each([
    ["is not there", status(404)],
    [
      "breaks off",
      ((_request, response) => {
        response.writeHead(200, { "content-length": "5000" }).write("openapi: 3.0.3\n");
        response.destroy();
      }) as RequestListener,
    ],
    ["is a login page", text("<html><body>Log in</body></html>", "text/html")],
    ["is half a file", text(stringify(plausible("1.99.0", 20)))],
  ])("falls back from YAML to JSON when the YAML %s", async (_what, answer) => {
    publisher.answers["/_bundle/api.yaml?download"] = answer;
    publisher.answers["/_bundle/api.json?download"] = text(JSON_TWIN, "application/json");
    const { code, printed } = await publisher.download(
      "--url",
      `${publisher.origin}/_bundle/api.yaml?download`,
    );
    expect({ code, asked: publisher.asked }).toEqual({
      code: 0,
      asked: ["/_bundle/api.yaml?download", "/_bundle/api.json?download"],
    });
    expect(printed).toContain("api.json?download");
    expect(await readFile(path("upvest.yaml"), "utf8")).toBe(JSON_TWIN);
  });

  it("follows redirects on the same footing", async () => {
    publisher.answers["/api.yaml"] = redirect("/moved", 301);
    publisher.answers["/moved"] = redirect(`${publisher.origin}/again`, 307);
    publisher.answers["/again"] = text(YAML);
    expect(await publisher.download("--url", `${publisher.origin}/api.yaml`)).toMatchObject({ code: 0 });
    expect(publisher.asked).toEqual(["/api.yaml", "/moved", "/again"]);
  });
});
