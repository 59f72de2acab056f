import type { CommandSpec } from '../command.ts';
import { endFields, runFields } from './json-fields.ts';

/** What looks at runs and changes nothing. */
export const watchCommands: readonly CommandSpec[] = [
  {
    name: 'status',
    summary: 'what runs, what needs you (without a command: this)',
    group: 'watch',
    fields: ['at', 'active', 'needs_you', 'approvals', 'finished', 'next'],
    rows: {
      lists: ['active', 'needs_you', 'finished'],
      fields: [...runFields, 'phase', 'last_activity_ms', 'last_activity'],
    },
    examples: [
      ['whaleflow', 'one screen'],
      ['whaleflow status --json', 'for programs: liveness and progress of each active run'],
    ],
    load: () => import('../commands/status.ts'),
  },
  {
    name: 'ls',
    aliases: ['ps', 'runs'],
    summary: 'runs, newest first',
    group: 'watch',
    formats: ['jsonl'],
    fields: ['runs'],
    rows: { lists: ['runs'], fields: runFields },
    options: [
      { flags: '-n, --limit <COUNT>', summary: 'so many at most; 20 where absent' },
      { flags: '--all', summary: 'all of them' },
      { flags: '--state <STATE>', summary: 'only of this state', rare: true },
      { flags: '--workflow <ID>', summary: 'only of this workflow', rare: true },
    ],
    examples: [
      ['whaleflow ls', 'the last 20 runs'],
      ['whaleflow ls --state failed --json', 'failed runs, as JSON'],
    ],
    load: () => import('../commands/ls.ts'),
  },
  {
    name: 'watch',
    summary: 'attach to a run; Ctrl-C detaches after asking',
    group: 'watch',
    arguments: [{ name: 'RUN', summary: '@last where absent', optional: true }],
    fields: endFields,
    examples: [
      ['whaleflow watch', 'the last run'],
      ['whaleflow watch 7f3a', 'this one; the exit code is the run’s'],
    ],
    load: () => import('../commands/watch.ts'),
  },
  {
    name: 'show',
    aliases: ['inspect'],
    summary: 'one run or one leaf: state, plan, prompt, result, cost',
    group: 'watch',
    arguments: [{ name: 'RUN[/LEAF]', summary: '@last where absent', optional: true }],
    fields: [
      ...endFields,
      'goal',
      'params',
      'base',
      'phases',
      'waiting_for',
      'leaves',
      'leaf',
      'kind',
      'task',
      'attempts',
      'failure',
      'digest',
      'prompt',
      'patch',
    ],
    options: [
      { flags: '--tree', summary: 'every node, not only what is worth a look', rare: true },
      { flags: '--full', summary: 'whole texts: prompts, outputs', rare: true },
    ],
    examples: [
      ['whaleflow show', 'the last run as a tree'],
      ['whaleflow show 7f3a/fix#2', 'one attempt: prompt, answer, cost, patch'],
    ],
    load: () => import('../commands/show.ts'),
  },
  {
    name: 'logs',
    summary: 'what happened, a line an event',
    group: 'watch',
    arguments: [{ name: 'RUN[/LEAF]', summary: '@last where absent', optional: true }],
    formats: ['jsonl'],
    options: [
      { flags: '-f, --follow', summary: 'go on until the run ends' },
      { flags: '--since <WHEN>', summary: '10m, 2h, or a time (RFC 3339)' },
      { flags: '--until <WHEN>', summary: 'as --since', rare: true },
      { flags: '--tail <COUNT>', summary: 'only the last lines' },
      { flags: '--level <LEVEL>', summary: 'error, warn, info (default) or debug', rare: true },
    ],
    examples: [
      ['whaleflow logs -f', 'follow the last run'],
      ['whaleflow logs 7f3a/fix --tail 20 --json', 'the last events of one node'],
    ],
    load: () => import('../commands/logs.ts'),
  },
  {
    name: 'wait',
    summary: 'block until runs have ended; the exit code is the worst of theirs',
    group: 'watch',
    arguments: [{ name: 'RUN', summary: 'one or more', rest: true }],
    options: [{ flags: '--timeout <DURATION>', summary: 'give up after it (exit 124)' }],
    fields: ['runs', 'exit'],
    rows: { lists: ['runs'], fields: runFields },
    examples: [
      ['whaleflow wait @last', 'until it has ended'],
      ['whaleflow wait 7f3a c21e --timeout 30m', 'both, at most half an hour'],
    ],
    load: () => import('../commands/wait.ts'),
  },
];
