/** Builtins that make control nodes. */

import type { NodeRow, Parameter } from './parameter.ts';
import {
  candidates,
  children,
  harvest,
  id,
  inputs,
  leafFields,
  maxParallel,
  nodeFields,
  onConflict,
  prompt,
  system,
  trees,
} from './shared-parameters.ts';

const onFailure: Parameter = {
  name: 'on_failure',
  type: 'text',
  words: ['stop', 'continue'],
  says: 'what a failed child means for those after it; `stop` where absent',
};

export const controlBuiltins: readonly NodeRow[] = [
  {
    name: 'branch',
    makes: 'node',
    says: 'Children that run at the same time; with `parallel = False` a `sequence`.',
    example: 'branch("look", [search("where", "slug("), test("before", ["npm", "test"])])',
    base: { kind: 'branch_set' },
    parameters: [
      id,
      children,
      { name: 'parallel', type: 'flag', to: [], says: '`False` makes a sequence' },
    ],
    named: [
      maxParallel,
      {
        name: 'join',
        type: 'text',
        words: ['all', 'any', 'first_success'],
        says: 'when it is done, and how it went; `all` where absent',
      },
      {
        name: 'diversify',
        type: 'flag',
        says: 'equal questions of different branches get answers of their own',
      },
      trees,
      onConflict,
      harvest,
      onFailure,
      ...nodeFields(),
    ],
  },
  {
    name: 'sequence',
    makes: 'node',
    says: 'Children that run one after another.',
    example: 'sequence("check", [shell("build", ["make"]), test("tests", ["make", "test"])])',
    base: { kind: 'sequence' },
    parameters: [id, children],
    named: [onFailure, ...nodeFields()],
  },
  {
    name: 'loop_until',
    makes: 'node',
    says: 'Runs its children again until the condition holds, at most so many times.',
    example:
      'loop_until("repair", succeeded("tests"), [agent("edit", "Make the tests pass.", mode = "read_write"), test("tests", ["npm", "test"])], max_iterations = 3)',
    base: { kind: 'loop_until' },
    parameters: [
      id,
      {
        name: 'condition',
        aliases: ['until'],
        to: ['until'],
        type: 'condition',
        isRequired: true,
        says: 'asked after each iteration',
      },
      children,
      { name: 'max_iterations', type: 'int', isRequired: true, says: 'iterations at most' },
    ],
    named: [
      {
        name: 'on_exhausted',
        type: 'text',
        words: ['fail', 'continue'],
        says: 'what it means that the condition never held; `fail` where absent',
      },
      ...nodeFields(),
    ],
  },
  {
    name: 'when',
    makes: 'node',
    says: 'Runs one list of nodes or another.',
    example:
      'when("mend", failed("tests"), [agent("edit", "Mend it.")], [ask("praise", "Say well done.")])',
    base: { kind: 'cond' },
    parameters: [
      id,
      {
        name: 'condition',
        aliases: ['test'],
        to: ['test'],
        type: 'condition',
        isRequired: true,
        says: 'asked once, when the node starts',
      },
      {
        name: 'then_nodes',
        aliases: ['then'],
        to: ['then'],
        type: 'nodes',
        isRequired: true,
        says: 'run where the condition holds',
      },
      { name: 'else_nodes', to: ['else'], type: 'nodes', says: 'run where it does not' },
    ],
    named: nodeFields(),
  },
  {
    name: 'expand',
    makes: 'node',
    says: 'One instance of the template for each item of a list that another node gave.',
    example:
      'expand("each", todos.output("files"), 20, ask("read", "What does {{item}} do?"), max_parallel = 4)',
    base: { kind: 'expand' },
    parameters: [
      id,
      { name: 'source', type: 'reference', isRequired: true, says: 'where the list stands' },
      { name: 'max_children', type: 'int', isRequired: true, says: 'instances at most' },
      {
        name: 'template',
        type: 'node',
        isRequired: true,
        says: 'the node that is repeated; `{{item}}` is the item',
      },
    ],
    named: [
      { name: 'key', type: 'text', says: 'field of an item that names its instance' },
      {
        name: 'overflow',
        type: 'text',
        words: ['fail', 'first'],
        says: 'what to do with more items than `max_children`; `fail` where absent',
      },
      maxParallel,
      trees,
      onConflict,
      harvest,
      ...nodeFields(),
    ],
  },
  {
    name: 'reduce',
    makes: 'node',
    says: 'Makes one result of many outcomes, failed ones among them.',
    example: 'reduce("summary", "What was found, by file?", ["look", "verdict"])',
    base: { kind: 'reduce' },
    parameters: [
      id,
      { name: 'prompt', to: ['task', 'prompt'], type: 'template', says: prompt.says },
      { ...inputs, isRequired: true },
    ],
    named: [
      { name: 'task', type: 'task', says: 'another task than a completion; stands for `prompt`' },
      system,
      ...leafFields,
      ...nodeFields(),
    ],
  },
  {
    name: 'tournament',
    makes: 'node',
    says: 'Ranks candidates and takes the best; over isolated writers it adopts the winner’s tree.',
    example: 'tournament("best", ["a", "b"], rank = "tests")',
    base: { kind: 'tournament' },
    parameters: [
      id,
      candidates,
      { name: 'rank', type: 'rank', says: 'what decides; `"judge"` where absent' },
    ],
    named: [
      { name: 'min_score', type: 'number', says: 'who is below it cannot win' },
      {
        name: 'adopt',
        type: 'text',
        words: ['winner', 'none'],
        says: 'whether the tree of the winner becomes the tree around',
      },
      harvest,
      ...nodeFields(),
    ],
  },
  {
    name: 'pareto',
    makes: 'node',
    says: 'Keeps the candidates that no other one beats in everything.',
    example:
      'pareto("front", ["a", "b"], [{"by": "field", "field": "score", "goal": "max"}, "cost"])',
    base: { kind: 'pareto' },
    parameters: [
      id,
      candidates,
      {
        name: 'objectives',
        type: 'objectives',
        isRequired: true,
        says: 'what is held against what',
      },
    ],
    named: [
      { name: 'max_items', type: 'int', says: 'candidates kept at most; 10 where absent' },
      harvest,
      ...nodeFields(),
    ],
  },
  {
    name: 'teacher_review',
    makes: 'node',
    says: 'Looks at how its candidates went and proposes typed lessons; applies none.',
    example: 'teacher_review("lessons", ["look", "fixes"])',
    base: { kind: 'teacher_review' },
    parameters: [id, candidates],
    named: [
      {
        name: 'promotion_policy',
        type: 'promotion_policy',
        says: 'when a lesson may be promoted',
      },
      ...nodeFields(),
    ],
  },
  {
    name: 'approve',
    makes: 'node',
    says: 'Waits for a person’s answer.',
    example: 'approve("ship", "Ship {{params.version}}?", timeout_ms = 3600000)',
    base: { kind: 'approve' },
    parameters: [
      id,
      { name: 'message', type: 'template', isRequired: true, says: 'what is asked; a template' },
    ],
    named: [
      { name: 'timeout_ms', type: 'int', says: 'milliseconds to wait; for ever where absent' },
      {
        name: 'on_timeout',
        type: 'text',
        words: ['deny', 'approve'],
        says: 'what no answer means; `deny` where absent',
      },
      ...nodeFields(),
    ],
  },
  {
    name: 'use',
    makes: 'node',
    says: 'Puts the nodes of another workflow file here, as a sequence under `id.`.',
    example: 'use("checks", "checks.yaml", {"level": 2})',
    base: { kind: 'use' },
    parameters: [
      id,
      {
        name: 'file',
        type: 'text',
        isRequired: true,
        says: 'path of a workflow file, relative to this one',
      },
      { name: 'params', type: 'map', says: 'values of its params' },
    ],
    named: nodeFields(),
  },
];
