import { existsSync } from "node:fs";
import { posix } from "node:path";
import { root, takeApart, type Document, type Finding } from "./documents.js";

const folders = "bench|docs|examples|generated|openapi|scripts|src|test";
const pathInCode = new RegExp(`^(?:\\.\\./)*((?:${folders})/[\\w./-]*|[A-Z]+\\.md)$`);
/** Made by a command, so not there in a fresh checkout. */
const made = /^docs\/api(?:\/|$)/;

/** Links that lead nowhere: files, anchors, and paths of the project in code spans. Other hosts are not asked. */
export function checkLinks(documents: readonly Document[]): Finding[] {
  const anchors = new Map(documents.map((document) => [document.path, anchorsOf(document)]));
  const findings: Finding[] = [];
  for (const document of documents) {
    const folder = posix.dirname(document.path);
    for (const { line, text } of takeApart(document).prose) {
      const wrong = (what: string): void => void findings.push({ path: document.path, line, text: what });
      const [plain, spans] = withoutCode(text);
      for (const span of spans) {
        const path = pathInCode.exec(span)?.[1];
        if (path === undefined || made.test(path)) continue;
        const here = existsSync(`${root}${path}`) || existsSync(`${root}${posix.join(folder, span)}`);
        if (!here) wrong(`\`${span}\` is not in the project`);
      }
      for (const [, target = ""] of plain.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)/g)) {
        if (/^(?:https?|mailto):/.test(target)) continue;
        const [file = "", anchor] = target.split("#");
        const path = file === "" ? document.path : posix.normalize(posix.join(folder, decodeURI(file)));
        if (made.test(path)) continue;
        if (path.startsWith("..") || !existsSync(`${root}${path}`)) {
          if (!anchors.has(path)) wrong(`the link to ${target} leads nowhere`);
        }
        if (anchor !== undefined && anchors.get(path)?.has(anchor) !== true) {
          if (anchors.has(path)) wrong(`${path} has no heading #${anchor}`);
        }
      }
    }
  }
  return findings;
}

/** The text without its code spans, and the spans. */
function withoutCode(text: string): [string, string[]] {
  const spans: string[] = [];
  const plain = text.replaceAll(/(`+)(.+?)\1/g, (_, __, span: string) => {
    spans.push(span.trim());
    return "``";
  });
  return [plain, spans];
}

/** The anchors of a document's headings, made as GitHub makes them. */
function anchorsOf(document: Document): Set<string> {
  const found = new Set<string>();
  for (const { text } of takeApart(document).prose) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    let anchor = slug;
    for (let count = 1; found.has(anchor); count += 1) anchor = `${slug}-${count}`;
    found.add(anchor);
  }
  return found;
}
