/**
 * The only module that knows openapi-typescript. Its development has ended (openapi-ts/openapi-typescript#2874), so what it
 * is asked for is kept small: turn schemas and operations into TypeScript syntax trees.
 */
import openapiTS, {
  transformSchemaObject,
  type OpenAPI3,
  type SchemaObject,
  type TransformNodeOptions,
} from "openapi-typescript";
import ts from "typescript";
import type { JsonObject } from "./json.js";
import { OPEN, SENT } from "./types-view.js";

/** The declarations `paths`, `components` and `operations` for a 3.1 description. */
export async function typeDeclarations(description: JsonObject): Promise<ts.Node[]> {
  return await openapiTS(asOpenApi(description), {
    silent: true,
    alphabetize: false,
    // A default is what the API assumes for a field that is not sent; that does not make the field one to send.
    defaultNonNullable: false,
    // `{ type: object }` alone may hold anything.
    emptyObjectsUnknown: true,
    transform: (schema, options) => {
      if (OPEN in schema) return anyOther(String(schema.type));
      return SENT in schema ? readonlyList(schema, options) : undefined;
    },
  });
}

/** openapi-typescript makes all lists readonly or none (`immutable`). */
function readonlyList(schema: SchemaObject, options: TransformNodeOptions): ts.TypeNode {
  const readonly = (type: ts.TypeNode): ts.TypeNode => {
    if (ts.isArrayTypeNode(type) || ts.isTupleTypeNode(type)) {
      return ts.factory.createTypeOperatorNode(ts.SyntaxKind.ReadonlyKeyword, type);
    }
    return ts.isUnionTypeNode(type) ? ts.factory.createUnionTypeNode(type.types.map(readonly)) : type;
  };
  const plain: SchemaObject = { ...schema };
  delete plain[SENT];
  return readonly(transformSchemaObject(plain, options));
}

/** `string & {}`: every text, but not so plainly that a union with literals would be reduced to `string`. */
function anyOther(type: string): ts.TypeNode {
  const kind = type === "string" ? ts.SyntaxKind.StringKeyword : ts.SyntaxKind.NumberKeyword;
  return ts.factory.createParenthesizedType(
    ts.factory.createIntersectionTypeNode([
      ts.factory.createKeywordTypeNode(kind),
      ts.factory.createTypeLiteralNode([]),
    ]),
  );
}

/** The description has been checked and written anew by then; openapi-typescript checks it once more for itself. */
function asOpenApi(description: JsonObject): OpenAPI3 {
  const { openapi, info } = description;
  if (typeof openapi !== "string" || typeof info !== "object")
    throw new TypeError("not an OpenAPI description");
  return JSON.parse(JSON.stringify(description)) as OpenAPI3;
}
