import { builtinTable } from '../../src/authoring/starlark/builtin-table.ts';
import {
  type BuiltinRow,
  type Parameter,
  targetOf,
} from '../../src/authoring/starlark/parameter.ts';
import { code, page, span, table } from './markdown.ts';

export function builtinsPage(): string {
  return page('Builtins of workflow files', [
    'What a `.star` file knows besides the language. Each call makes a node, a condition or the workflow; the fields behind it are those of [the workflow schema](workflow-schema.md).',
    ...builtinTable.flatMap(builtinBlocks),
  ]);
}

function builtinBlocks(row: BuiltinRow): readonly string[] {
  const { name, says, example, parameters, named = [] } = row;
  const rows = [
    ...parameters.map((parameter) => parameterRow(parameter, 'position or name')),
    ...named.map((parameter) => parameterRow(parameter, 'name')),
  ];
  return [
    `## ${name}`,
    says,
    code(example, 'python'),
    ...(rows.length === 0
      ? []
      : [table(['parameter', 'given by', 'type', 'field', 'meaning'], rows)]),
  ];
}

function parameterRow(parameter: Parameter, by: string): readonly string[] {
  const { name, aliases = [], type, isRequired, says, words } = parameter;
  const names = [name, ...aliases].map(span).join(' or ');
  const target = targetOf(parameter);
  return [
    isRequired === true ? `${names}, required` : names,
    by,
    words === undefined ? type.replaceAll('_', ' ') : words.map(span).join(', '),
    target.length === 0 ? '' : span(target.join('.')),
    says,
  ];
}
