import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { PUBLISHED } from "../../scripts/spec/address.js";
import { redirect, startPublisher, status, type Publisher } from "./spec-publisher.js";
import { plausible } from "./spec-support.js";

let publisher: Publisher;
const path = (...names: string[]): string => join(publisher.directory, ...names);

beforeEach(async () => {
  publisher = await startPublisher();
});
afterEach(async () => {
  await publisher.close();
});

describe("a download that fails", () => {
  const BEFORE = stringify(plausible("1.75.0"));

  /** Everything there must be untouched, and the message must help. */
  async function expectRefusal(
    args: readonly string[],
    ...reasons: readonly (string | RegExp)[]
  ): Promise<void> {
    await writeFile(path("upvest.yaml"), BEFORE);
    const present = await readdir(publisher.directory);
    const { code, printed, complained } = await publisher.download(...args);
    expect({ code, printed }).toEqual({ code: 1, printed: "" });
    for (const reason of reasons) expect(complained).toMatch(reason);
    expect(await readFile(path("upvest.yaml"), "utf8")).toBe(BEFORE);
    expect(await readdir(publisher.directory)).toEqual(present);
  }

  it("names each address with the reason, and --file, when nothing listens", async () => {
    publisher.goAway();
    const address = `${publisher.origin}/_bundle/api.yaml?download`;
    await expectRefusal(
      ["--url", address],
      `${address}: connect ECONNREFUSED`,
      `${publisher.origin}/_bundle/api.json?download: connect ECONNREFUSED`,
      "--file FILE",
      "Nothing was changed",
    );
  });

  it("names the status", async () => {
    publisher.answers["/api.yaml"] = status(503);
    await expectRefusal(
      ["--url", `${publisher.origin}/api.yaml`],
      "answered 503 Service Unavailable",
      "answered 404 Not Found",
    );
  });

  it("does not wait for ever", async () => {
    publisher.answers["/spec"] = () => undefined;
    publisher.answers["/slow"] = (_request, response) => {
      response.writeHead(200).write("openapi: 3.0.3\n");
    };
    await expectRefusal(
      ["--url", `${publisher.origin}/spec`, "--timeout", "0.05"],
      "no whole answer within 0.05 s",
    );
    await expectRefusal(
      ["--url", `${publisher.origin}/slow`, "--timeout", "0.05"],
      "no whole answer within 0.05 s",
    );
  });

  it.each([
    [
      "off https",
      "http://docs.example/api.yaml",
      "redirected to http://docs.example: only https is followed",
    ],
    ["to a file", "file:///etc/hostname", "redirected to file://: only https is followed"],
    ["to nonsense", "http://[", /redirected to ".*", which is no address/],
  ])("follows no redirect %s", async (_where, location, reason) => {
    publisher.answers["/spec"] = redirect(location);
    await expectRefusal(["--url", `${publisher.origin}/spec`], reason);
    expect(publisher.asked).toEqual(["/spec"]);
  });

  it("does not walk in circles", async () => {
    publisher.answers["/spec"] = redirect("/spec");
    await expectRefusal(["--url", `${publisher.origin}/spec`], "redirected more than 5 times");
  });

  it("refuses a redirect without an address", async () => {
    publisher.answers["/spec"] = status(302);
    await expectRefusal(["--url", `${publisher.origin}/spec`], "redirected to nowhere");
  });

  it.each([
    ["no YAML", "openapi: [3.0.3", "not YAML"],
    ["no object", "- one\n- two", "expected an object at the top"],
    ["nothing", "", "answered with nothing"],
    ["no UTF-8", Buffer.from([0xff, 0xfe, 0x41]), "not UTF-8"],
    ["no OpenAPI", "hello: world", "`openapi` is missing"],
    ["Swagger 2", 'openapi: "2.0"', '`openapi` is "2.0"'],
    [
      "another API",
      stringify({ ...plausible("1.0.0"), info: { title: "Pet Store", version: "1" } }),
      'its title is "Pet Store"',
    ],
    [
      "no version",
      stringify({ ...plausible("1"), info: { title: "Upvest Investment API" } }),
      "says no version",
    ],
    ["half a file", stringify(plausible("1.99.0", 49)), "has 49 operations, too few"],
  ])("refuses %s, from the network and from a file", async (_what, body, reason) => {
    publisher.answers["/spec"] = (_request, response) => {
      response.end(body);
    };
    await expectRefusal(["--url", `${publisher.origin}/spec`], reason, `${publisher.origin}/spec`);
    if (body.length === 0) return;
    const file = path("by-hand");
    await writeFile(file, body);
    await expectRefusal(["--file", file], typeof body === "string" ? reason : "expected");
  });

  it("names a file that is not there", async () => {
    await expectRefusal(["--file", path("missing.yaml")], "missing.yaml: cannot be read (ENOENT)");
  });

  it("fetches from no other place over http", async () => {
    await expectRefusal(["--url", "http://docs.upvest.example/api.yaml"], "only https is fetched from");
    await expectRefusal(["--url", "ftp://127.0.0.1/api.yaml"], "only https is fetched from");
    await expectRefusal(["--url", "api.yaml"], `"api.yaml" is no address: expected one such as ${PUBLISHED}`);
  });

  it("takes no password in the address, and does not repeat it", async () => {
    await expectRefusal(
      ["--url", "https://me:hunter2@docs.example/api.yaml"],
      "must not hold a user name or password",
    );
    const { complained } = await publisher.download("--url", "https://me:hunter2@docs.example/api.yaml");
    expect(complained).not.toContain("hunter2");
  });

  it.each([
    { args: ["--url", "https://one.example", "--file", "two"], problem: "not both" },
    { args: ["somewhere"], problem: 'Unexpected argument "somewhere"' },
    { args: ["--timeout", "soon"], problem: '--timeout: expected a number of seconds above 0, got "soon"' },
    { args: ["--timeout", "0"], problem: "above 0" },
    { args: ["--colour"], problem: "--colour" },
  ])("ends with 2 and says how it is called for $args", async ({ args, problem }) => {
    const { code, complained } = await publisher.download(...args);
    expect(code).toBe(2);
    expect(complained).toContain(problem);
    expect(complained).toContain("npm run spec:download");
  });
});
