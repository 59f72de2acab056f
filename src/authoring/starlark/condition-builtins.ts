/** Conditions, references, and the workflow itself. */
import type { OtherRow, Parameter, PredicateRow } from './parameter.ts';

const node: Parameter = {
  name: 'node',
  type: 'reference',
  isRequired: true,
  to: [],
  says: 'a node, its id, `previous(...)`, or a field by `NODE.output("FIELD")`',
};

const field: Parameter = {
  name: 'field',
  type: 'text',
  says: 'dotted path into the output; the whole output where absent',
};

const compared = (value: Parameter): readonly Parameter[] => [node, value, field];
const least: Parameter = { name: 'value', type: 'number', isRequired: true, says: 'the bound' };
const many: Parameter = {
  name: 'conditions',
  to: ['of'],
  type: 'conditions',
  isRequired: true,
  says: 'a list, or one after another',
};

export const predicateBuiltins: readonly PredicateRow[] = [
  {
    name: 'succeeded',
    makes: 'predicate',
    says: 'The node succeeded, perhaps degraded.',
    example: 'succeeded("tests")',
    base: { op: 'succeeded' },
    parameters: [node],
  },
  {
    name: 'failed',
    makes: 'predicate',
    says: 'The node failed.',
    example: 'failed("tests")',
    base: { op: 'failed' },
    parameters: [node],
  },
  {
    name: 'equals',
    makes: 'predicate',
    says: 'What the node gave, or a field of it, is this value.',
    example: 'equals(verdict, True, field = "safe")',
    base: { op: 'equals' },
    parameters: compared({ name: 'value', type: 'json', isRequired: true, says: 'any JSON value' }),
  },
  {
    name: 'at_least',
    makes: 'predicate',
    says: 'The number is this or more.',
    example: 'at_least(todos.output("count"), 1)',
    base: { op: 'at_least' },
    parameters: compared(least),
  },
  {
    name: 'at_most',
    makes: 'predicate',
    says: 'The number is this or less.',
    example: 'at_most("todos", 10, field = "count")',
    base: { op: 'at_most' },
    parameters: compared(least),
  },
  {
    name: 'all_of',
    makes: 'predicate',
    says: 'Every condition holds.',
    example: 'all_of(succeeded("build"), succeeded("tests"))',
    base: { op: 'all_of' },
    parameters: [many],
    isVariadic: true,
  },
  {
    name: 'any_of',
    makes: 'predicate',
    says: 'One of the conditions holds.',
    example: 'any_of([succeeded("a"), succeeded("b")])',
    base: { op: 'any_of' },
    parameters: [many],
    isVariadic: true,
  },
  {
    name: 'negate',
    makes: 'predicate',
    says: 'The condition does not hold.',
    example: 'negate(succeeded("tests"))',
    base: { op: 'negate' },
    parameters: [
      { name: 'condition', to: ['of'], type: 'condition', isRequired: true, says: 'a condition' },
    ],
  },
];

export const otherBuiltins: readonly OtherRow[] = [
  {
    name: 'workflow',
    makes: 'workflow',
    says: 'The workflow itself; a file calls it once.',
    example: 'workflow("hello", "Say hello", [ask("greet", "Say hello.")])',
    base: {},
    parameters: [
      { name: 'id', type: 'id', isRequired: true, says: 'the name of the workflow' },
      { name: 'goal', type: 'text', isRequired: true, says: 'what it is for, in one sentence' },
      {
        name: 'nodes',
        type: 'nodes',
        isRequired: true,
        says: 'run one after another; wrap them in a `branch` to run them at the same time',
      },
    ],
    named: [
      { name: 'description', type: 'text', says: 'what a reader should know besides' },
      { name: 'params', type: 'schema', says: 'JSON Schema of what `{{params.X}}` may be' },
      { name: 'budget', type: 'budget', says: 'ceilings of the whole run' },
      {
        name: 'permissions',
        type: 'permissions',
        says: 'rights at most; the least that the nodes need where absent',
      },
      { name: 'model_policy', type: 'model_policy', says: 'what kind of model answers' },
      {
        name: 'promotion_policy',
        type: 'promotion_policy',
        says: 'when a lesson may be promoted',
      },
      {
        name: 'output',
        type: 'reference',
        says: 'what the run gives; the last node’s output where absent',
      },
      { name: 'ir_version', type: 'int', says: 'the version of the format, 1' },
    ],
  },
  {
    name: 'previous',
    makes: 'reference',
    says: 'What a node gave in the last iteration of the loop around; absent in the first.',
    example: 'previous("tests", field = "stdout")',
    base: { previous: true },
    parameters: [node, field],
  },
];
