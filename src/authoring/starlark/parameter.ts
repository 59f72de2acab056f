/** The rows that the builtins of a workflow file are made of: they define, document and type them. */
import type { JsonObject } from '../../base/json.ts';
import { toCamelCase } from '../snake-case.ts';

/** What a parameter takes; `parameter-types.ts` says how it reads and is converted. */
export type ParameterType =
  | 'id'
  | 'text'
  | 'template'
  | 'flag'
  | 'int'
  | 'number'
  | 'texts'
  | 'ints'
  | 'json'
  | 'map'
  | 'schema'
  | 'node'
  | 'nodes'
  | 'reference'
  | 'candidates'
  | 'inputs'
  | 'condition'
  | 'conditions'
  | 'command'
  | 'rank'
  | 'harvest'
  | 'objectives'
  | 'task'
  | 'budget'
  | 'permissions'
  | 'model_policy'
  | 'promotion_policy'
  | 'retry';

export interface Parameter {
  /** As it is written in a call: snake_case. */
  readonly name: string;
  /** Other spellings. */
  readonly aliases?: readonly string[];
  readonly type: ParameterType;
  readonly isRequired?: true;
  /** Where its value goes in the document; the name in camelCase where absent. */
  readonly to?: readonly string[];
  /** One phrase for the reference. */
  readonly says: string;
  /** The words that it takes, where they are few. */
  readonly words?: readonly string[];
}

interface Row {
  readonly name: string;
  /** One sentence for the reference. */
  readonly says: string;
  /** A call, for the reference; a test runs it. */
  readonly example: string;
  /** By position, in this order, or by name. */
  readonly parameters: readonly Parameter[];
  /** By name only. */
  readonly named?: readonly Parameter[];
  /** What every document of this row begins with. */
  readonly base: JsonObject;
}

export interface NodeRow extends Row {
  readonly makes: 'node';
}

export interface PredicateRow extends Row {
  readonly makes: 'predicate';
  /** Several arguments by position are one list. */
  readonly isVariadic?: true;
}

export interface OtherRow extends Row {
  readonly makes: 'workflow' | 'reference';
}

export type BuiltinRow = NodeRow | PredicateRow | OtherRow;

export function parametersOf(row: BuiltinRow): readonly Parameter[] {
  return [...row.parameters, ...(row.named ?? [])];
}

/** Where a parameter’s value goes in the document. */
export function targetOf({ name, to }: Parameter): readonly string[] {
  return to ?? [toCamelCase(name)];
}
