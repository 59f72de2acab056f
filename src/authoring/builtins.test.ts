import { expect, test } from 'vitest';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { workflowJsonSchema } from '../workflow/json-schema.ts';
import { builtinNames, builtinReference } from './builtins.ts';
import { compileWorkflow } from './compile.ts';
import { drawDiagnostics } from './draw-diagnostics.ts';
import { toSnakeCase } from './snake-case.ts';
import { builtinTable } from './starlark/builtin-table.ts';
import { type BuiltinRow, parametersOf, targetOf } from './starlark/parameter.ts';
import { recordFields } from './starlark/record-fields.ts';

test('the reference is the one that is generated (`vitest run src/authoring/builtins.test.ts -u` writes it)', async () => {
  await expect(builtinReference()).toMatchFileSnapshot('../../docs/reference/builtins.md');
});

test('these are the builtins', () => {
  const names = `workflow previous agent ask test shell search external rlm memory branch sequence
    loop_until when expand reduce tournament pareto teacher_review approve use succeeded failed
    equals at_least at_most all_of any_of negate`;
  expect(builtinNames()).toEqual(names.split(/\s+/));
});

const PRELUDE = `
todos = search("todos", "TODO")
scan = search("scan", "eval(")
history = shell("history", ["git", "log"])
tests = test("tests", ["true"])
verdict = ask("verdict", "Safe?", output = {"type": "object", "properties": {"safe": {"type": "boolean"}}})
scored = {"type": "object", "properties": {"score": {"type": "number"}}}
before = [todos, scan, history, verdict, tests, test("build", ["true"]), approve("look", "?"), approve("fixes", "?"), ask("a", "?", output = scored), ask("b", "?", output = scored)]
params = {"type": "object", "properties": {"file": {"type": "string"}, "version": {"type": "string"}}}
`;

/** Ids of the nodes that an example makes: the prelude leaves them to it. */
function idsIn(example: string): readonly string[] {
  const calls = Array.from(example.matchAll(/(\w+)\("(\w+)"/g));
  const makesNode = (name: string): boolean =>
    builtinTable.some((row) => row.name === name && row.makes === 'node');
  return calls.flatMap(([, name = '', id = '']) => (makesNode(name) ? [id] : []));
}

function exampleFile({ makes, example }: BuiltinRow): string {
  switch (makes) {
    case 'workflow':
      return example;
    case 'reference':
      return `workflow("w", "g", [loop_until("l", equals(${example}, "x"), [test("tests", ["true"])], 2)])`;
    case 'predicate':
      return `${PRELUDE}workflow("w", "g", before + [when("now", ${example}, [ask("q", "?")])])`;
    case 'node': {
      const before = `[one for one in before if one.id not in ${JSON.stringify(idsIn(example))}]`;
      return `${PRELUDE}workflow("w", "g", ${before} + [${example}], params = params)`;
    }
  }
}

test.each(builtinTable)('the example of $name compiles', (row) => {
  const source = exampleFile(row);
  const used =
    'id: c\ngoal: g\nparams: {type: object, properties: {level: {type: integer}}}\nnodes: [{kind: approve, id: x, message: "level {{params.level}}"}]\n';
  const compiled = compileWorkflow({
    file: 'w.star',
    source,
    sources: (path) => (path === 'checks.yaml' ? used : undefined),
  });
  const errors = 'diagnostics' in compiled ? compiled.diagnostics : [];
  expect(
    drawDiagnostics(
      errors.filter(({ severity }) => severity === 'error'),
      { source: () => source },
    ),
  ).toBe('');
});

const schema = workflowJsonSchema();
const definitions = schema['$defs'] as Readonly<Record<string, JsonObject>>;
const formsOf = (name: string): readonly JsonObject[] =>
  (definitions[name]?.['oneOf'] ?? definitions[name]?.['anyOf']) as readonly JsonObject[];
const fieldsOf = (form: JsonObject): readonly string[] =>
  Object.keys(form['properties'] as JsonObject);
const constant = (form: JsonObject, field: string): readonly unknown[] => {
  const said = (form['properties'] as Readonly<Record<string, JsonObject>>)[field];
  return said?.['const'] === undefined ? (said?.['enum'] as readonly unknown[]) : [said['const']];
};
/** Fields of the document that calls of these rows can set. */
const reached = (rows: readonly BuiltinRow[]): ReadonlySet<string> =>
  new Set(rows.flatMap(parametersOf).map((parameter) => targetOf(parameter).join('.')));
const baseIs = (row: BuiltinRow, field: string, value: unknown): boolean =>
  row.base[field] === value;

test('every field of every node can be reached', () => {
  for (const form of formsOf('Node')) {
    const [kind] = constant(form, 'kind');
    const rows = builtinTable.filter((row) => baseIs(row, 'kind', kind));
    for (const row of rows) {
      const fields = reached([row]);
      const missing = fieldsOf(form).filter(
        (field) => field !== 'kind' && field !== 'task' && !fields.has(field),
      );
      // A search or memory of a leaf has all that leaves have.
      expect([row.name, missing]).toEqual([row.name, []]);
    }
    expect(rows.length).toBeGreaterThan(0);
  }
});

test('every field of every task can be reached', () => {
  for (const form of formsOf('Task')) {
    const [type] = constant(form, 'type');
    const rows = builtinTable.filter(
      ({ base }) => isJsonObject(base['task']) && base['task']['type'] === type,
    );
    const fields = reached(rows);
    const missing = fieldsOf(form).filter(
      (field) => field !== 'type' && field !== 'purpose' && !fields.has(`task.${field}`),
    );
    expect([type, missing]).toEqual([type, []]);
  }
});

test('the words that parameters take are those of the schema', () => {
  const forms = [...formsOf('Node'), ...formsOf('Task')];
  for (const parameter of builtinTable.flatMap(parametersOf)) {
    const { name, words } = parameter;
    if (words === undefined) continue;
    const field = targetOf(parameter).at(-1) ?? '';
    const known = forms
      .filter((form) => fieldsOf(form).includes(field))
      .map((form) => constant(form, field));
    const fits = known.some((values) => words.every((word) => values?.includes(word)));
    expect([name, fits]).toEqual([name, true]);
  }
});

test('every field of the workflow and of every predicate can be reached', () => {
  const workflow = reached(builtinTable.filter(({ makes }) => makes === 'workflow'));
  expect(fieldsOf(schema).filter((field) => field !== '$schema' && !workflow.has(field))).toEqual(
    [],
  );
  for (const form of formsOf('Predicate')) {
    for (const op of constant(form, 'op')) {
      const rows = builtinTable.filter((row) => baseIs(row, 'op', op));
      const fields = reached(rows);
      // A node may be `previous(…)`, so one parameter sets both.
      const own = ['op', 'node', 'previous'];
      const missing = fieldsOf(form).filter((field) => !own.includes(field) && !fields.has(field));
      expect([op, rows.length, missing]).toEqual([op, 1, []]);
    }
  }
});

test('the dicts have the fields of the schema', () => {
  const names = {
    budget: 'Budget',
    permissions: 'Permissions',
    model_policy: 'ModelPolicy',
    promotion_policy: 'PromotionPolicy',
    retry: 'Retry',
  } as const;
  for (const [type, name] of Object.entries(names) as ['budget', string][])
    expect(recordFields[type]).toEqual(fieldsOf(definitions[name] ?? {}));
  expect(toSnakeCase('maxCostMicroUsd')).toBe('max_cost_micro_usd');
});
