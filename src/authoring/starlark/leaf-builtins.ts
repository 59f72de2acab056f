/** Builtins that make leaves. */

import { toCamelCase } from '../snake-case.ts';
import type { NodeRow, Parameter } from './parameter.ts';
import {
  fileScope,
  id,
  inputs,
  isolation,
  leafFields,
  mode,
  nodeFields,
  prompt,
  system,
  timeoutMs,
} from './shared-parameters.ts';

const leaf = (type: string, more: Readonly<Record<string, string>> = {}) =>
  ({ kind: 'leaf', task: { type, ...more } }) as const;

const task = (parameter: Parameter): Parameter => ({
  ...parameter,
  to: ['task', parameter.to?.[0] ?? toCamelCase(parameter.name)],
});

const command: readonly Parameter[] = [
  id,
  task({
    name: 'command',
    aliases: ['argv'],
    to: ['argv'],
    type: 'command',
    isRequired: true,
    says: 'the words of the command, each a template; one string runs by `bash -c`',
  }),
  fileScope,
];
const commandOnly: readonly Parameter[] = [
  inputs,
  task({
    name: 'ok_exit_codes',
    type: 'ints',
    says: 'exit statuses that count as success; `[0]` where absent',
  }),
  task({ name: 'cwd', type: 'text', says: 'folder below the root of the tree' }),
  task({
    name: 'shell',
    type: 'text',
    words: ['bash'],
    says: 'set with a list whose last word is a program for bash',
  }),
  timeoutMs,
  ...leafFields,
  ...nodeFields(fileScope),
];

const report = task({
  name: 'report',
  type: 'text',
  says: 'JUnit XML or TAP that it writes, below `cwd` or at `$TMPDIR/NAME`; its tests are counted',
});

const agentType = task({
  name: 'agent_type',
  type: 'text',
  words: ['general', 'explore', 'plan', 'implementer', 'review', 'verifier'],
  says: 'names its role; `explorer`, `implement` and `verify` mean the same as their kin',
});

const external: Parameter = task({
  name: 'agent',
  type: 'text',
  isRequired: true,
  says: 'name of an agent of the config',
});

export const leafBuiltins: readonly NodeRow[] = [
  {
    name: 'agent',
    makes: 'node',
    says: 'A leaf in which a model works with tools, in the tree of its place.',
    example:
      'agent("fix", "Mend the bug in {{params.file}}.", agent_type = "implementer", mode = "read_write", isolation = "worktree")',
    base: leaf('agent'),
    parameters: [id, prompt, agentType, mode, isolation, fileScope, inputs],
    named: [
      system,
      task({
        name: 'tools',
        type: 'texts',
        says: 'tools that it may use; those of its type where absent',
      }),
      task({ name: 'max_turns', type: 'int', says: 'model turns at most; 50 where absent' }),
      ...leafFields,
      ...nodeFields(mode, isolation, fileScope),
    ],
  },
  {
    name: 'ask',
    makes: 'node',
    says: 'A leaf of one model completion, typed by `output`.',
    example:
      'ask("verdict", "Is this safe? {{inputs.scan}}", inputs = [scan], output = {"type": "object", "properties": {"safe": {"type": "boolean"}}})',
    base: leaf('model'),
    parameters: [id, prompt, inputs],
    named: [
      system,
      task({
        name: 'max_cost_micro_usd',
        type: 'int',
        says: 'what the completion may cost, in millionths of a dollar',
      }),
      ...leafFields,
      ...nodeFields(),
    ],
  },
  {
    name: 'test',
    makes: 'node',
    says: 'A command whose exit status is a verdict: really run, and counted as a test.',
    example: 'test("tests", ["npm", "test"])',
    base: leaf('command', { purpose: 'test' }),
    parameters: command,
    named: [report, ...commandOnly],
  },
  {
    name: 'shell',
    makes: 'node',
    says: 'A command that is really run in the tree of its place.',
    example: 'shell("build", "npm ci && npm run build", mode = "read_write")',
    base: leaf('command', { purpose: 'shell' }),
    parameters: command,
    named: commandOnly,
  },
  {
    name: 'search',
    makes: 'node',
    says: 'A text search that is really run, without a model. Gives `matches`, `files`, `count`, `truncated`.',
    example: 'search("todos", "TODO", file_scope = ["src/**"])',
    base: leaf('search'),
    parameters: [
      id,
      task({
        name: 'query',
        type: 'template',
        isRequired: true,
        says: 'literal text unless `regex`',
      }),
      fileScope,
    ],
    named: [
      task({ name: 'regex', type: 'flag', says: 'the query is a regular expression' }),
      task({ name: 'case_sensitive', type: 'flag', says: 'upper and lower case differ' }),
      task({ name: 'files', type: 'texts', says: 'globs of files; `file_scope` where absent' }),
      task({ name: 'max_matches', type: 'int', says: 'matches at most; 200 where absent' }),
      inputs,
      ...leafFields,
      ...nodeFields(fileScope),
    ],
  },
  {
    name: 'external',
    makes: 'node',
    says: 'Another coding agent as a leaf.',
    example:
      'external("other", "coder", "Mend the bug.", mode = "read_write", isolation = "worktree")',
    base: leaf('external'),
    parameters: [id, external, prompt, inputs],
    named: [timeoutMs, ...leafFields, ...nodeFields()],
  },
  {
    name: 'rlm',
    makes: 'node',
    says: 'A leaf in which a long input is a variable that a model explores by program and sub-calls.',
    example: 'rlm("digest", "What changed, and why?", "log", inputs = {"log": history})',
    base: leaf('rlm'),
    parameters: [
      id,
      prompt,
      task({
        name: 'variable',
        type: 'text',
        isRequired: true,
        says: 'name of the input that is the variable',
      }),
      inputs,
    ],
    named: [
      task({ name: 'max_depth', type: 'int', says: 'sub-calls within sub-calls; 1 where absent' }),
      task({ name: 'max_calls', type: 'int', says: 'sub-calls at most; 50 where absent' }),
      ...leafFields,
      ...nodeFields(),
    ],
  },
  {
    name: 'memory',
    makes: 'node',
    says: 'Reads from or writes to the external memory; the only way to it.',
    example: 'memory("recall", "read", "flaky tests")',
    base: leaf('memory'),
    parameters: [
      id,
      task({
        name: 'action',
        type: 'text',
        words: ['read', 'write'],
        isRequired: true,
        says: 'what to do',
      }),
      task({
        name: 'key',
        type: 'template',
        isRequired: true,
        says: 'what to look up, or where to put it',
      }),
      task({ name: 'value', type: 'json', says: 'what to write' }),
    ],
    named: [
      task({ name: 'limit', type: 'int', says: 'entries at most; 20 where absent' }),
      inputs,
      ...leafFields,
      ...nodeFields(),
    ],
  },
];
