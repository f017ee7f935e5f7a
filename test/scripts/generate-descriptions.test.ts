/** The generator on whole descriptions: ours, and a published file where `UPVEST_PUBLISHED_SPEC` says where one is. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { getHttpOperationsFromSpec } from "@stoplight/prism-http";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { generate } from "../../scripts/generate/generate.js";
import { isObject, type Json } from "../../scripts/generate/json.js";
import { compareWith } from "../../scripts/generate/output.js";
import { directoryWith } from "./generate-support.js";

const project = fileURLToPath(new URL("../..", import.meta.url));
const published = process.env["UPVEST_PUBLISHED_SPEC"] ?? "";
const overlay = relative(process.cwd(), join(project, "openapi/overlay.yaml"));
const ours = relative(process.cwd(), join(project, "openapi/upvest.yaml"));

type Files = ReadonlyMap<string, string>;

/** What tsc says about generated files, declarations included, with the `src` that they import beside them. */
async function typeErrors(files: Files): Promise<string[]> {
  const directory = await directoryWith({});
  await mkdir(join(directory, "generated"));
  await symlink(join(project, "src"), join(directory, "src"));
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  for (const [file, text] of files) await writeFile(join(directory, "generated", file), text);
  const roots = [...files.keys()].filter((file) => file.endsWith(".ts"));
  const program = ts.createProgram(
    roots.map((file) => join(directory, "generated", file)),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
      noEmit: true,
      skipLibCheck: false,
    },
  );
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file === undefined || file.fileName.startsWith(join(directory, "generated")))
    .map(
      ({ file, messageText }) =>
        `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
}

/** The description that a generated `description.ts` holds. */
function describedIn(files: Files): Readonly<Record<string, Json>> {
  const source = ts.createSourceFile("d.ts", files.get("description.ts") ?? "", ts.ScriptTarget.Latest);
  let text = "";
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) text = node.text;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return JSON.parse(text) as Record<string, Json>;
}

const count = (value: Json | undefined): number => (isObject(value) ? Object.keys(value).length : 0);
const rows = (files: Files): number =>
  (files.get("operations.ts") ?? "").match(/^ {2}\["[A-Z]+ \//gm)?.length ?? 0;
const exported = (files: Files): string[] =>
  (files.get("models.ts") ?? "").match(/(?<=^ {2})\w+(?=,$)/gm) ?? [];

function withoutComments(text: string): number {
  const source = ts.createSourceFile("schema.d.ts", text, ts.ScriptTarget.Latest);
  return ts.createPrinter({ removeComments: true }).printFile(source).length;
}

async function rawTypes(spec: string): Promise<string> {
  return astToString(await openapiTS(new URL(spec, `file://${process.cwd()}/`), { silent: true }));
}

describe("our description", () => {
  let files: Files;
  beforeAll(async () => {
    ({ files } = await generate(ours, overlay));
  });

  test("is what generated/ was made from", async () => {
    expect(await compareWith(join(project, "generated"), files)).toEqual([]);
  });

  test("gives files that type-check", async () => {
    expect(await typeErrors(files)).toEqual([]);
  });

  test("loads into Prism, with every operation", async () => {
    const operations = await getHttpOperationsFromSpec(describedIn(files));
    expect(operations).toHaveLength(rows(files));
  });

  test("has a name for each schema, given by its title or its key", () => {
    const names = exported(files);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(["Account", "Order", "PlaceOrderRequest", "SavingsPlan", "Problem"]),
    );
  });
});

describe.skipIf(!process.env["UPVEST_PUBLISHED_SPEC"])("the published description", () => {
  let files: Files;
  beforeAll(async () => {
    ({ files } = await generate(published, overlay));
  });

  test("gives 94 operations and 24 kinds of events", () => {
    expect(rows(files)).toBe(94);
    expect(files.get("events.ts")?.match(/^ {2}\| \w+Event;?$/gm)).toHaveLength(24);
    const description = describedIn(files);
    expect(count(description["paths"])).toBe(66);
    expect(count(description["webhooks"])).toBe(24);
  });

  test("gives files that type-check", async () => {
    expect(await typeErrors(files)).toEqual([]);
  });

  test("gives the same bytes again", async () => {
    expect((await generate(published, overlay)).files).toEqual(files);
  });

  test("loads into Prism, with every operation", async () => {
    expect(await getHttpOperationsFromSpec(describedIn(files))).toHaveLength(94);
  });

  test("has one name per shape; where a title stands for several shapes, its owner keeps the name", () => {
    const names = exported(files);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining([
        "Account",
        "Address",
        "Order",
        "PlaceOrderRequest",
        "ListUsersResponse",
        "ListReferenceAccountsResponse",
        "CreateUserRequest",
        "CreateUserResponse",
        "PortfoliosOrder",
        "PortfoliosOrderOrders",
        "AccountsEvent",
        "AccountLiquidationEvent",
        "PositionsEvent",
        "CashBalanceEvent",
      ]),
    );
  });

  test("gives types of at most four fifths of the raw size", async () => {
    const raw = withoutComments(await rawTypes(published));
    expect(withoutComments(files.get("schema.d.ts") ?? "")).toBeLessThanOrEqual((raw * 4) / 5);
  });
});
