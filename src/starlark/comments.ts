import type { Position } from './position.ts';
import type { Expression, FileNode, Statement } from './syntax/tree.ts';
import type { SourceComment } from './tokens.ts';

/** What comments can belong to. */
export type SyntaxNode = FileNode | Statement | Expression;

export interface NodeComments {
  /** On lines of their own before the node. */
  readonly before: readonly SourceComment[];
  /** At the end of the line on which the node begins, or of its last. */
  readonly suffix: readonly SourceComment[];
  /** On lines of their own after a statement, as deep as it is; after the last one of a file. */
  readonly after: readonly SourceComment[];
}

/**
 * The comments of a file by the node that they belong to; each belongs to exactly one. The tree itself
 * is left as it is.
 *
 * ```js
 * const source = '# why\nx = [\n    1,  # one\n]\n';
 * const tree = parse(source, 'a.star').file;
 * const comments = attachComments(tree, commentsOf(source, 'a.star'));
 * const [assign] = tree.statements;
 * comments.get(assign).before[0].text; // → "# why"
 * comments.get(assign.value.items[0]).suffix[0].text; // → "# one"
 * ```
 */
export function attachComments(
  file: FileNode,
  comments: readonly SourceComment[],
): ReadonlyMap<SyntaxNode, NodeComments> {
  const attached = new Map<SyntaxNode, Attached>();
  const reader = new Reader(file);
  for (const comment of comments) {
    const [node, place] = reader.placeOf(comment);
    const known = attached.get(node) ?? { before: [], suffix: [], after: [] };
    known[place].push(comment);
    attached.set(node, known);
  }
  return attached;
}

type Attached = Record<keyof NodeComments, SourceComment[]>;
type Place = readonly [node: SyntaxNode, place: keyof NodeComments];

interface Placed {
  readonly node: Statement | Expression;
  readonly start: Position;
  readonly isStatement: boolean;
}

/** Statements and expressions in the order of their beginnings, the outer ones first. */
function nodesOf(file: FileNode): readonly Placed[] {
  const found: Placed[] = [];
  const open: unknown[] = [file.statements];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (isNode(value)) {
      const isStatement = STATEMENTS.has(value.kind) && !('parts' in value);
      found.push({ node: value, start: value.start, isStatement });
    }
    // Bindings lead out of the tree, positions lead nowhere.
    for (const [name, part] of Object.entries(value)) {
      if (!NO_CHILDREN.has(name) && part !== undefined) open.push(part);
    }
  }
  return found
    .map((placed, index) => ({ placed, index }))
    .sort((a, b) => compare(a.placed.start, b.placed.start) || a.index - b.index)
    .map(({ placed }) => placed);
}

const NO_CHILDREN: ReadonlySet<string> = new Set([
  'position',
  'start',
  'binding',
  'locals',
  'free',
]);
const STATEMENTS: ReadonlySet<string> = new Set<Statement['kind']>([
  ...(['assign', 'def', 'for', 'while', 'if', 'load', 'return'] as const),
  ...(['break', 'continue', 'pass', 'expression'] as const),
]);

function isNode(value: object): value is Statement | Expression {
  return 'kind' in value && 'start' in value;
}

const compare = (a: Position, b: Position): number => a.line - b.line || a.column - b.column;

/** Goes through a file once, with its comments in their order. */
class Reader {
  readonly #file: FileNode;
  readonly #nodes: readonly Placed[];
  #next = 0;
  #statement: Statement | Expression | undefined;
  /** The last statement that began in each column. */
  readonly #byColumn = new Map<number, Statement | Expression>();

  constructor(file: FileNode) {
    this.#file = file;
    this.#nodes = nodesOf(file);
  }

  placeOf({ line, column, isAlone }: SourceComment): Place {
    const next = this.#passTo(line);
    if (!isAlone) {
      const isBegun = next?.start.line === line && next.start.column < column;
      return [isBegun ? next.node : (this.#statement ?? this.#file), 'suffix'];
    }
    // As deep as a block that ends here: it is about what stands before it.
    const isBehind =
      next === undefined ? column > 1 : next.isStatement && next.start.column < column;
    const last = isBehind ? this.#byColumn.get(column) : undefined;
    if (last !== undefined) return [last, 'after'];
    return next === undefined ? [this.#file, 'after'] : [next.node, 'before'];
  }

  /** The first node that begins on this line or after it. */
  #passTo(line: number): Placed | undefined {
    for (;;) {
      const placed = this.#nodes[this.#next];
      if (placed === undefined || placed.start.line >= line) return placed;
      this.#next += 1;
      if (!placed.isStatement) continue;
      this.#statement = placed.node;
      this.#byColumn.set(placed.start.column, placed.node);
    }
  }
}
