/**
 * Makes the code that ajv writes a third of its size: an error is noted by one call with what is reported of it, nothing is
 * handed on to keywords that are not used here, and helpers are imported rather than required.
 */
import ts from "typescript";

const HANDED_ON = new Set(["parentData", "parentDataProperty", "rootData"]);

export function slimRules(code: string): string {
  const source = ts.createSourceFile("rules.js", code, ts.ScriptTarget.ES2022);
  const result = ts.transform(source, [
    (context) => (file) => {
      const visit = (node: ts.Node): ts.Node => {
        const visited = ts.visitEachChild(node, visit, context);
        if (ts.isBlock(visited)) return ts.factory.updateBlock(visited, noteErrors(visited.statements));
        if (ts.isObjectLiteralExpression(visited)) return slimLiteral(visited);
        if (ts.isObjectBindingPattern(visited)) return slimPattern(visited);
        return importHelper(visited) ?? visited;
      };
      return ts.visitEachChild(file, visit, context);
    },
  ]);
  return `import note from "note";\n${ts.createPrinter().printFile(result.transformed[0] ?? source)}`;
}

/**
 * `const err0 = {...}; if (vErrors === null) {...} else {...} errors++;` becomes
 * `vErrors = note(vErrors, path, message); errors++;`.
 */
function noteErrors(statements: readonly ts.Statement[]): ts.Statement[] {
  const noted: ts.Statement[] = [];
  for (const [index, statement] of statements.entries()) {
    const error = errorIn(statement);
    const previous = index > 0 ? statements[index - 1] : undefined;
    if (error !== undefined) {
      const call = ts.factory.createCallExpression(ts.factory.createIdentifier("note"), undefined, [
        ts.factory.createIdentifier("vErrors"),
        ...error,
      ]);
      const assignment = ts.factory.createAssignment(ts.factory.createIdentifier("vErrors"), call);
      noted.push(ts.factory.createExpressionStatement(assignment));
    } else if (previous === undefined || errorIn(previous) === undefined || !ts.isIfStatement(statement)) {
      noted.push(statement);
    }
  }
  return noted;
}

/** The path and the message of the error that a statement makes, if it makes one. */
function errorIn(statement: ts.Statement): readonly [ts.Expression, ts.Expression] | undefined {
  if (!ts.isVariableStatement(statement)) return undefined;
  const [declaration] = statement.declarationList.declarations;
  const made = declaration?.initializer;
  if (declaration === undefined || made === undefined || !ts.isObjectLiteralExpression(made))
    return undefined;
  if (!ts.isIdentifier(declaration.name) || !/^err\d+$/.test(declaration.name.text)) return undefined;
  const path = valueOf(made, "instancePath");
  const message = valueOf(made, "message");
  return path === undefined || message === undefined ? undefined : [path, message];
}

function valueOf(literal: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const member = literal.properties.find((property) => nameOf(property) === name);
  if (member === undefined) return undefined;
  if (ts.isPropertyAssignment(member)) return member.initializer;
  return ts.isShorthandPropertyAssignment(member) ? member.name : undefined;
}

function slimLiteral(literal: ts.ObjectLiteralExpression): ts.ObjectLiteralExpression {
  if (valueOf(literal, "instancePath") === undefined) return literal;
  const kept = literal.properties.filter((member) => !HANDED_ON.has(nameOf(member)));
  return ts.factory.updateObjectLiteralExpression(literal, kept);
}

function slimPattern(pattern: ts.ObjectBindingPattern): ts.ObjectBindingPattern {
  const kept = pattern.elements.filter((element) => !HANDED_ON.has(nameOf(element)));
  return ts.factory.updateObjectBindingPattern(pattern, kept);
}

/** `const func2 = require("...").default;` as an import. */
function importHelper(node: ts.Node): ts.Statement | undefined {
  if (!ts.isVariableStatement(node)) return undefined;
  const [declaration] = node.declarationList.declarations;
  const access = declaration?.initializer;
  if (declaration === undefined || access === undefined || !ts.isPropertyAccessExpression(access))
    return undefined;
  const call = access.expression;
  if (!ts.isCallExpression(call) || !ts.isIdentifier(call.expression) || call.expression.text !== "require") {
    return undefined;
  }
  const [specifier] = call.arguments;
  if (specifier === undefined || !ts.isIdentifier(declaration.name)) return undefined;
  const clause = ts.factory.createImportClause(false, declaration.name, undefined);
  return ts.factory.createImportDeclaration(undefined, clause, specifier);
}

const nameOf = (member: ts.ObjectLiteralElementLike | ts.BindingElement): string =>
  member.name !== undefined && ts.isIdentifier(member.name) ? member.name.text : "";
