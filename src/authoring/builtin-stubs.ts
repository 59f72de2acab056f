/** A stub of the builtins for editors that know Python: hover, completion, arguments. */
import { builtinTable } from './starlark/builtin-table.ts';
import type { BuiltinRow, Parameter, ParameterType } from './starlark/parameter.ts';

const TYPES: Partial<Readonly<Record<ParameterType, string>>> = {
  id: 'str',
  text: 'str',
  template: 'str',
  flag: 'bool',
  int: 'int',
  number: 'float',
  texts: 'list[str]',
  ints: 'list[int]',
  map: 'dict',
  schema: 'dict',
  node: 'Node',
  nodes: 'list[Node]',
  candidates: 'list[Node | str] | Node',
  inputs: 'list[Node | str] | dict',
  reference: 'Node | Reference | str',
  condition: 'Condition | str',
};

const RESULTS: Readonly<Record<BuiltinRow['makes'], string>> = {
  node: 'Node',
  predicate: 'Condition',
  workflow: 'None',
  reference: 'Reference',
};

const CLASSES = `class Reference: ...

class Condition: ...

class Node:
    id: str
    def output(self, field: str = ...) -> Reference: ...`;

/** The text of `whaleflow.pyi`, made of the table that defines the builtins. */
export function builtinStubs(): string {
  const head = '# Builtins of WhaleFlow workflow files. Made by: whaleflow docs stubs';
  return `${[head, 'from typing import Any', CLASSES, ...builtinTable.map(stub)].join('\n\n')}\n`;
}

function stub(row: BuiltinRow): string {
  const plain = row.parameters.map(parameter);
  const named =
    row.named === undefined || row.named.length === 0 ? [] : ['*', ...row.named.map(parameter)];
  const says = row.says.replaceAll('"""', "'''").replaceAll('\\\\', '/');
  const result = RESULTS[row.makes];
  return `def ${row.name}(${[...plain, ...named].join(', ')}) -> ${result}:\n    """${says}"""`;
}

function parameter({ name, type, isRequired }: Parameter): string {
  const takes = TYPES[type] ?? 'Any';
  return isRequired === true ? `${name}: ${takes}` : `${name}: ${takes} | None = None`;
}
