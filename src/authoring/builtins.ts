/** The reference of the builtins, generated from the table that defines them. */
import { toSnakeCase } from './snake-case.ts';
import { builtinTable } from './starlark/builtin-table.ts';
import type { BuiltinRow, Parameter } from './starlark/parameter.ts';
import { typeSays } from './starlark/parameter-types.ts';
import { type RecordType, recordFields } from './starlark/record-fields.ts';

/** The names that a workflow file knows besides the language’s own, as the table orders them. */
export function builtinNames(): readonly string[] {
  return builtinTable.map(({ name }) => name);
}

/** `docs/reference/builtins.md`. */
export function builtinReference(): string {
  const sections = GROUPS.map(([title, makes]) => {
    const rows = builtinTable.filter((row) => makes(row));
    return [`## ${title}`, ...rows.map(section)].join('\n\n');
  });
  return `${[INTRODUCTION, ...sections, dicts()].join('\n\n')}\n`;
}

const INTRODUCTION = `# Builtins of workflow files

A \`.star\` file is a pure builder of a graph: it has no files, clock, network or chance, and its steps,
memory and depth are bounded. It calls \`workflow(…)\` once. This page is generated from the table that
defines the builtins (\`src/authoring/starlark/builtin-table.ts\`).

- Parameters before the bar are given by position or by name, those after it by name only. \`None\` is as
  good as nothing.
- Nodes are values: they are placed in lists of nodes, each once, and named elsewhere by value or by id.
  \`NODE.id\` is the id, \`NODE.output("FIELD")\` a field of what the node gives.
- A condition is one of those below, or a sentence in plain language, which a judge then answers.
- Templates: \`{{inputs.NAME.path}}\`, \`{{params.X}}\`, \`{{item.X}}\`, \`{{iteration}}\`, \`{{previous.NAME.path}}\`.
- \`load("neighbour.star", "name")\` takes names from a file of the same folder or below.`;

const GROUPS: readonly (readonly [string, (row: BuiltinRow) => boolean])[] = [
  ['The workflow, and references', ({ makes }) => makes === 'workflow' || makes === 'reference'],
  ['Leaves', ({ makes, base }) => makes === 'node' && base['kind'] === 'leaf'],
  ['Control nodes', ({ makes, base }) => makes === 'node' && base['kind'] !== 'leaf'],
  ['Conditions', ({ makes }) => makes === 'predicate'],
];

function section(row: BuiltinRow): string {
  const { name, says, example, parameters, named = [] } = row;
  const bar = named.length > 0 ? ['|', ...named.map((one) => one.name)] : [];
  const call = `${name}(${[...parameters.map((one) => one.name), ...bar].join(', ')})`.replace(
    ', |,',
    ' |',
  );
  return [
    `### \`${name}\``,
    says,
    `\`${call}\``,
    [
      '| parameter | takes | what for |',
      '| --- | --- | --- |',
      ...[...parameters, ...named].map(line),
    ].join('\n'),
    `\`\`\`python\n${example}\n\`\`\``,
  ].join('\n\n');
}

function line({ name, aliases = [], isRequired, type, words, says }: Parameter): string {
  const also = aliases.map((alias) => ` or \`${alias}\``).join('');
  const takes = words?.map((word) => `\`"${word}"\``).join(', ') ?? typeSays[type];
  const required = isRequired === true ? '**required**; ' : '';
  return `| \`${name}\`${also} | ${takes} | ${required}${says} |`.replaceAll('||', '\\|\\|');
}

function dicts(): string {
  const lines = (Object.keys(recordFields) as RecordType[]).map((type) => {
    const fields = recordFields[type].map((field) => `\`${toSnakeCase(field)}\``).join(', ');
    return `- **${type}**: ${fields}`;
  });
  return [
    '## Dicts',
    'Their keys are those of the JSON form, in snake_case.',
    lines.join('\n'),
  ].join('\n\n');
}
