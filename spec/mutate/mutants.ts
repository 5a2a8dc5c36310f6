/**
 * What small faults could a source file have? One change of one expression or statement each: a comparison, an operator, a
 * constant, a negation, a statement left out, arguments in another order, a constant returned. (DeMillo, Lipton and Sayward,
 * Hints on test data selection, 1978: specs that see such faults see the larger ones that are made of them.) A change that can be
 * seen to be none is left out: operands of sums and products of tensors exchanged, and what stands for an element that a loop
 * over all elements cannot lack.
 */
import ts from 'typescript';

/** One change: the text from `start` to `end` becomes `after`. */
export interface Mutant {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly after: string;
}

const K = ts.SyntaxKind;

/** Operators, and what each may become. */
const operators: Readonly<Partial<Record<ts.SyntaxKind, readonly string[]>>> = {
  [K.LessThanToken]: ['<=', '>='],
  [K.LessThanEqualsToken]: ['<', '>'],
  [K.GreaterThanToken]: ['>=', '<='],
  [K.GreaterThanEqualsToken]: ['>', '<'],
  [K.EqualsEqualsEqualsToken]: ['!=='],
  [K.ExclamationEqualsEqualsToken]: ['==='],
  [K.PlusToken]: ['-'],
  [K.MinusToken]: ['+'],
  [K.AsteriskToken]: ['/'],
  [K.SlashToken]: ['*'],
  [K.PercentToken]: ['*'],
  [K.AmpersandAmpersandToken]: ['||'],
  [K.BarBarToken]: ['&&'],
  [K.PlusEqualsToken]: ['-='],
  [K.MinusEqualsToken]: ['+='],
  [K.AsteriskEqualsToken]: ['/='],
};

// Maps, since a source may call `toString`, which every object has.
const constants: ReadonlyMap<string, readonly string[]> = new Map([
  ['number', ['0', '1']],
  ['boolean', ['true', 'false']],
  ['string', ["''"]],
]);

const opposites: ReadonlyMap<string, string> = new Map([
  ['max', 'min'],
  ['min', 'max'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
]);

const isText = (node: ts.Expression): boolean =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));

type Change = readonly [operator: string, node: ts.Node, after: string];

/** Texts are put together by the sign that adds numbers. */
const joins = ({ left, right, operatorToken: { kind } }: ts.BinaryExpression): boolean =>
  (kind === K.PlusToken || kind === K.PlusEqualsToken) && (isText(left) || isText(right));

const ofBinary = (node: ts.BinaryExpression): readonly Change[] =>
  joins(node)
    ? []
    : (operators[node.operatorToken.kind] ?? []).map((after) => ['operator', node.operatorToken, after]);

const ofNumber = (node: ts.NumericLiteral): readonly Change[] => {
  const value = Number(node.text);
  if (
    ts.isLiteralTypeNode(node.parent) ||
    (ts.isPropertyAssignment(node.parent) && node.parent.name === node)
  )
    return [];
  return [['constant', node, value === 1 ? '0' : Number.isInteger(value) ? `${value + 1}` : `${2 * value}`]];
};

const plainArgument = (node: ts.Expression): boolean =>
  !ts.isSpreadElement(node) && !ts.isArrowFunction(node) && !ts.isFunctionExpression(node);

/** Tensor operations that are the same with their operands exchanged; `maximum` is not, where a tie is derived. */
const commutative: ReadonlySet<string> = new Set(['add', 'mul', 'equal']);

const importedFrom = (source: ts.SourceFile, name: string): string | undefined =>
  source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const bindings = statement.importClause?.namedBindings;
    const names = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
    return names.some((one) => one.name.text === name) ? [statement.moduleSpecifier.text] : [];
  })[0];

const commutes = (called: ts.Expression, source: ts.SourceFile): boolean =>
  ts.isIdentifier(called) &&
  commutative.has(called.text) &&
  importedFrom(source, called.text)?.endsWith('/tensor/operations.js') === true;

/** Whether a node stands for `x[i]` where that is not there, within a loop over all i: it always is. */
const isUnmet = (node: ts.Node, source: ts.SourceFile): boolean => {
  if (ts.isSourceFile(node)) return false;
  const { parent } = node;
  if (!ts.isBinaryExpression(parent) || parent.right !== node) return false;
  const { left, operatorToken } = parent;
  if (operatorToken.kind !== K.QuestionQuestionToken || !ts.isElementAccessExpression(left)) return false;
  const within = `${left.argumentExpression.getText(source)} < ${left.expression.getText(source)}.length`;
  const isLooped = (one: ts.Node): boolean =>
    !ts.isSourceFile(one) &&
    ((ts.isForStatement(one) && one.condition?.getText(source) === within) || isLooped(one.parent));
  return isLooped(parent);
};

const ofCall = (node: ts.CallExpression, source: ts.SourceFile): readonly Change[] => {
  const [first, second] = node.arguments;
  const { expression } = node;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : undefined;
  const opposite = name === undefined ? undefined : opposites.get(name.text);
  const changes: Change[] = [];
  if (name !== undefined && opposite !== undefined) changes.push(['function', name, opposite]);
  if (first !== undefined && second !== undefined && plainArgument(first) && plainArgument(second)) {
    const [a, b] = [first.getText(source), second.getText(source)];
    const list = [b, a, ...node.arguments.slice(2).map((argument) => argument.getText(source))].join(', ');
    // `min` and `max` are the same in any order.
    if (a !== b && opposite === undefined && !commutes(expression, source))
      changes.push(['arguments', node, `${expression.getText(source)}(${list})`]);
  }
  return changes;
};

const droppable = ({ expression }: ts.ExpressionStatement): boolean =>
  ts.isCallExpression(expression) ||
  ts.isAwaitExpression(expression) ||
  ts.isPostfixUnaryExpression(expression) ||
  (ts.isBinaryExpression(expression) && expression.operatorToken.kind >= K.FirstAssignment);

const returned = (
  type: ts.TypeNode | undefined,
  value: ts.Expression,
  source: ts.SourceFile,
): readonly Change[] =>
  (constants.get(type?.getText(source) ?? '') ?? []).map((after) => ['result', value, after]);

const ofFunction = (node: ts.ArrowFunction, source: ts.SourceFile): readonly Change[] =>
  ts.isBlock(node.body) ? [] : returned(node.type, node.body, source);

const functionOf = (node: ts.Node): ts.SignatureDeclaration | undefined =>
  ts.isFunctionLike(node) ? node : ts.isSourceFile(node) ? undefined : functionOf(node.parent);

const changesOf = (node: ts.Node, source: ts.SourceFile): readonly Change[] => {
  if (ts.isBinaryExpression(node)) return ofBinary(node);
  if (ts.isNumericLiteral(node)) return ofNumber(node);
  if (ts.isCallExpression(node)) return ofCall(node, source);
  if (ts.isArrowFunction(node)) return ofFunction(node, source);
  if (ts.isReturnStatement(node) && node.expression !== undefined)
    return returned(functionOf(node)?.type, node.expression, source);
  if (ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken)
    return [['negation', node, node.operand.getText(source)]];
  if (ts.isPrefixUnaryExpression(node) && node.operator === K.MinusToken)
    return [['sign', node, `(${node.operand.getText(source)})`]];
  if (node.kind === K.TrueKeyword || node.kind === K.FalseKeyword)
    return ts.isLiteralTypeNode(node.parent)
      ? []
      : [['constant', node, node.kind === K.TrueKeyword ? 'false' : 'true']];
  if (ts.isIfStatement(node)) return ['true', 'false'].map((after) => ['condition', node.expression, after]);
  if (ts.isConditionalExpression(node))
    return ['true', 'false'].map((after) => ['condition', node.condition, after]);
  if (ts.isExpressionStatement(node) && droppable(node)) return [['statement', node, ';']];
  return [];
};

/** All mutants of a source file, in the order of the text. */
export const mutantsOf = (name: string, text: string): readonly Mutant[] => {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    // A type or an import has no meaning at run time.
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (isUnmet(node, source)) return;
    for (const [operator, at, after] of changesOf(node, source)) {
      const mutant = { operator, start: at.getStart(source), end: at.getEnd(), after };
      if (text.slice(mutant.start, mutant.end) !== after) found.push(mutant);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

/** The source with the fault in it. */
export const mutated = (text: string, { start, end, after }: Mutant): string =>
  text.slice(0, start) + after + text.slice(end);

/** The 1-based line at which it begins, and the lines that differ, as a diff. */
export const diffOf = (text: string, mutant: Mutant): { readonly line: number; readonly diff: string } => {
  const before = text.split('\n');
  const now = mutated(text, mutant).split('\n');
  const line = text.slice(0, mutant.start).split('\n').length;
  const last = text.slice(0, mutant.end).split('\n').length;
  const lines = (sign: string, all: readonly string[], end: number): readonly string[] =>
    all.slice(line - 1, end).map((one) => `${sign} ${one.trim()}`);
  return {
    line,
    diff: [...lines('-', before, last), ...lines('+', now, last + now.length - before.length)].join('\n'),
  };
};
