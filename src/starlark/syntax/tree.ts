import type { Position } from '../position.ts';
import type { Binding } from '../resolve/binding.ts';
import type { Bytes } from '../values/bytes.ts';
import type { Float } from '../values/float.ts';

interface Node {
  /** Where a problem with the node is shown: an operator, a dot, the bracket of a call. */
  readonly position: Position;
  /** Where the node's text begins. */
  readonly start: Position;
}

export interface NameNode extends Node {
  readonly kind: 'name';
  readonly name: string;
  /** Set by the resolver. */
  binding: Binding | undefined;
}

interface LiteralNode extends Node {
  readonly kind: 'literal';
  readonly value: string | number | bigint | Float | Bytes;
}

export interface FormatNode extends Node {
  readonly kind: 'format';
  readonly parts: readonly FormatNodePart[];
}

export type FormatNodePart =
  | { readonly text: string }
  | { readonly expression: Expression; readonly isRepr: boolean };

export interface SequenceNode extends Node {
  readonly kind: 'list' | 'tuple';
  readonly items: readonly Expression[];
}

export interface DictNode extends Node {
  readonly kind: 'dict';
  readonly entries: readonly DictEntryNode[];
}

export interface DictEntryNode {
  readonly key: Expression;
  readonly value: Expression;
  /** The colon. */
  readonly position: Position;
}

export interface ComprehensionNode extends Node {
  readonly kind: 'comprehension';
  /** What is collected: an expression for a list, an entry for a dict. */
  readonly body: Expression | DictEntryNode;
  readonly clauses: readonly ComprehensionClause[];
}

export type ComprehensionClause =
  | {
      readonly kind: 'for';
      readonly target: Expression;
      readonly iterable: Expression;
      readonly position: Position;
    }
  | { readonly kind: 'if'; readonly condition: Expression };

interface LambdaNode extends Node {
  readonly kind: 'lambda';
  readonly definition: FunctionNode;
}

interface ConditionalNode extends Node {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}

interface UnaryNode extends Node {
  readonly kind: 'unary';
  readonly operator: string;
  readonly operand: Expression;
}

export interface BinaryNode extends Node {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: Expression;
  readonly right: Expression;
}

export interface DotNode extends Node {
  readonly kind: 'dot';
  readonly object: Expression;
  readonly name: string;
  readonly namePosition: Position;
}

export interface IndexNode extends Node {
  readonly kind: 'index';
  readonly object: Expression;
  readonly index: Expression;
}

export interface SliceNode extends Node {
  readonly kind: 'slice';
  readonly object: Expression;
  readonly low: Expression | undefined;
  readonly high: Expression | undefined;
  readonly step: Expression | undefined;
}

export interface CallNode extends Node {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Argument[];
}

export interface Argument {
  readonly kind: 'positional' | 'named' | 'star' | 'starstar';
  /** Empty unless named. */
  readonly name: string;
  readonly value: Expression;
  readonly position: Position;
}

export type Expression =
  | NameNode
  | LiteralNode
  | FormatNode
  | SequenceNode
  | DictNode
  | ComprehensionNode
  | LambdaNode
  | ConditionalNode
  | UnaryNode
  | BinaryNode
  | DotNode
  | IndexNode
  | SliceNode
  | CallNode;

export interface Parameter {
  /** A bare `*` has the kind `star` and no name. */
  readonly kind: 'plain' | 'star' | 'starstar';
  readonly name: NameNode | undefined;
  readonly fallback: Expression | undefined;
  readonly position: Position;
}

export interface FunctionNode {
  readonly name: string;
  readonly position: Position;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  /** Set by the resolver: the function's own variables, then the outer ones it captures. */
  locals: Binding[];
  free: Binding[];
}

export interface AssignStatement extends Node {
  readonly kind: 'assign';
  /** `=` or an augmented operator such as `+=`. */
  readonly operator: string;
  readonly target: Expression;
  readonly value: Expression;
}

interface DefStatement extends Node {
  readonly kind: 'def';
  readonly name: NameNode;
  readonly definition: FunctionNode;
}

export interface ForStatement extends Node {
  readonly kind: 'for';
  readonly target: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
}

export interface WhileStatement extends Node {
  readonly kind: 'while';
  readonly condition: Expression;
  readonly body: readonly Statement[];
}

export interface IfStatement extends Node {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly whenTrue: readonly Statement[];
  readonly whenFalse: readonly Statement[];
}

export interface LoadStatement extends Node {
  readonly kind: 'load';
  readonly module: string;
  readonly modulePosition: Position;
  readonly moduleEndColumn: number;
  readonly names: readonly LoadName[];
}

export interface LoadName {
  readonly local: NameNode;
  readonly original: string;
  readonly originalPosition: Position;
}

interface ReturnStatement extends Node {
  readonly kind: 'return';
  readonly value: Expression | undefined;
}

interface BranchStatement extends Node {
  readonly kind: 'break' | 'continue' | 'pass';
}

interface ExpressionStatement extends Node {
  readonly kind: 'expression';
  readonly expression: Expression;
}

export type Statement =
  | AssignStatement
  | DefStatement
  | ForStatement
  | WhileStatement
  | IfStatement
  | LoadStatement
  | ReturnStatement
  | BranchStatement
  | ExpressionStatement;

export interface FileNode {
  readonly file: string;
  readonly statements: readonly Statement[];
}
