/**
 * `generated/schema.d.ts`: every named schema as a type of its own, and `paths`, the map that openapi-fetch reads.
 *
 * openapi-typescript writes `components["schemas"]["Account"]` wherever an account is meant, and five interfaces of which a
 * call needs one. Here a schema is a declaration, so that its name is what an editor shows and the compiler resolves it
 * once; operations stand in `paths` where they are looked up; and members that can only be `never` are gone. Some of those
 * do work, and stay: `content` says that an answer has no body, `query`, `header` and `path` refuse parameters that an
 * operation does not have (openapi-fetch infers its options, so the compiler's check for excess members never runs there).
 */
import ts from "typescript";
import type { JsonObject } from "./json.js";
import { typeDeclarations } from "./openapi-typescript.js";
import { typesView } from "./types-view.js";

export interface EmittedSchema {
  readonly text: string;
  /** The names of the schema types, in the order of the file. */
  readonly names: readonly string[];
}

export async function emitSchema(document: JsonObject): Promise<EmittedSchema> {
  const nodes = await typeDeclarations(typesView(document));
  const components = memberMap(nodes, "components");
  const schemas = membersOf(components.get("schemas")?.type).map(declare(EXPORTED));
  // What `paths` shares is nobody's to name.
  const responses = membersOf(components.get("responses")?.type).map(declare([]));
  const paths = declarePaths(nodes);
  const file = ts.createSourceFile("schema.d.ts", "", ts.ScriptTarget.Latest);
  const printer = ts.createPrinter({ removeComments: false });
  const text = [...schemas, ...responses, paths].map((declaration) =>
    printer.printNode(ts.EmitHint.Unspecified, compact(declaration), file),
  );
  return {
    // Without this line a declaration file exports all that it declares.
    text: `${plainComments(text.join("\n"))}\nexport {};\n`,
    names: schemas.map((declaration) => declaration.name.text),
  };
}

type Declaration = ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

const EXPORTED = [ts.factory.createToken(ts.SyntaxKind.ExportKeyword)];

/** A member of `components` as a declaration of its own. */
const declare =
  (modifiers: readonly ts.Modifier[]) =>
  (member: ts.PropertySignature): Declaration => {
    const type = member.type ?? ts.factory.createKeywordTypeNode(ts.SyntaxKind.UnknownKeyword);
    const name = keyOf(member);
    const declaration = ts.isTypeLiteralNode(type)
      ? ts.factory.createInterfaceDeclaration(modifiers, name, undefined, undefined, type.members)
      : ts.factory.createTypeAliasDeclaration(modifiers, name, undefined, type);
    return withComments(declaration, member);
  };

/** `paths`, with each operation in place of the reference to it. */
function declarePaths(nodes: readonly ts.Node[]): ts.InterfaceDeclaration {
  const operations = memberMap(nodes, "operations");
  const paths = [...memberMap(nodes, "paths").values()].map((path) => {
    const methods = membersOf(path.type).flatMap((method) => {
      const id = operationId(method.type);
      const operation = id === undefined ? undefined : operations.get(id);
      return operation?.type === undefined
        ? []
        : [withComments(property(method.name, operation.type), method)];
    });
    return property(path.name, ts.factory.createTypeLiteralNode(methods));
  });
  return ts.factory.createInterfaceDeclaration(EXPORTED, "paths", undefined, undefined, paths);
}

/** The id in `operations["create_user"]`. */
function operationId(type: ts.TypeNode | undefined): string | undefined {
  if (type === undefined || !ts.isIndexedAccessTypeNode(type)) return undefined;
  return literalText(type.indexType);
}

const property = (name: ts.PropertyName, type: ts.TypeNode): ts.PropertySignature =>
  ts.factory.createPropertySignature(undefined, name, undefined, type);

/** Replaces references to components by names, and drops members without meaning. */
function compact(node: ts.Node): ts.Node {
  const result = ts.transform<ts.Node>(node, [
    (context) => {
      const visit = (inner: ts.Node): ts.Node => {
        const name = componentName(inner);
        if (name !== undefined) return ts.factory.createTypeReferenceNode(name);
        const visited = ts.visitEachChild(inner, visit, context);
        if (ts.isTypeLiteralNode(visited)) {
          const kept = visited.members.filter((member) => !isNoise(member));
          return kept.length === visited.members.length
            ? visited
            : ts.factory.updateTypeLiteralNode(visited, ts.factory.createNodeArray(kept));
        }
        return ts.isUnionTypeNode(visited) ? flatUnion(visited) : visited;
      };
      return visit;
    },
  ]);
  return result.transformed[0] ?? node;
}

const REFUSING = new Set(["content", "query", "header", "path"]);

/** `cookie?: never`, and the headers of an answer, whose types no call uses. */
function isNoise(member: ts.TypeElement): boolean {
  if (!ts.isPropertySignature(member) || member.type === undefined) return false;
  const name = keyOf(member);
  if (name === "headers" && ts.isTypeLiteralNode(member.type)) {
    return member.type.members.every((entry) => ts.isIndexSignatureDeclaration(entry));
  }
  return member.type.kind === ts.SyntaxKind.NeverKeyword && !REFUSING.has(name);
}

/** `("A" | "B") | C` without the brackets. */
function flatUnion(union: ts.UnionTypeNode): ts.UnionTypeNode {
  const members = union.types.flatMap((type) => {
    const bare = ts.isParenthesizedTypeNode(type) ? type.type : type;
    return ts.isUnionTypeNode(bare) ? [...bare.types] : [type];
  });
  return members.length === union.types.length
    ? union
    : ts.factory.updateUnionTypeNode(union, ts.factory.createNodeArray(members));
}

/** The name in `components["schemas"]["Account"]`. */
function componentName(node: ts.Node): string | undefined {
  if (!ts.isIndexedAccessTypeNode(node) || !ts.isIndexedAccessTypeNode(node.objectType)) return undefined;
  const { objectType } = node.objectType;
  const isComponents =
    ts.isTypeReferenceNode(objectType) &&
    ts.isIdentifier(objectType.typeName) &&
    objectType.typeName.text === "components";
  return isComponents ? literalText(node.indexType) : undefined;
}

const literalText = (type: ts.TypeNode): string | undefined =>
  ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? type.literal.text : undefined;

const keyOf = (member: ts.PropertySignature): string =>
  ts.isIdentifier(member.name) || ts.isStringLiteral(member.name) || ts.isNumericLiteral(member.name)
    ? member.name.text
    : "";

const membersOf = (type: ts.TypeNode | undefined): ts.PropertySignature[] =>
  type !== undefined && ts.isTypeLiteralNode(type) ? type.members.filter(ts.isPropertySignature) : [];

/** The members of one of the interfaces that openapi-typescript wrote. */
function memberMap(nodes: readonly ts.Node[], name: string): ReadonlyMap<string, ts.PropertySignature> {
  const declaration = nodes.find(
    (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === name,
  );
  const members = declaration?.members.filter(ts.isPropertySignature) ?? [];
  return new Map(members.map((member) => [keyOf(member), member]));
}

function withComments<Node extends ts.Node>(node: Node, source: ts.Node): Node {
  return ts.setSyntheticLeadingComments(node, ts.getSyntheticLeadingComments(source));
}

/**
 * Editors show the text of a comment first and its tags below it, so what a member means should be the text. That it is an
 * enum its type shows.
 */
const plainComments = (text: string): string =>
  text
    .replaceAll(/^(\s*(?:\/\*)?\*) @description /gm, "$1 ")
    .replaceAll(/^\s*\/\*\* @enum \{\w+\} \*\/\n/gm, "")
    .replaceAll(/^\s*\* @enum \{\w+\}\n/gm, "");
