import type { CommandSpec } from '../command.ts';

/** What came of runs. */
export const resultCommands: readonly CommandSpec[] = [
  {
    name: 'replay',
    summary: 'decide again from the record: identical, or where it differs; calls nothing',
    group: 'results',
    details: [
      'The recorded facts are fed to the rules again, under the workflow file as it is now. No model is\n' +
        'called, no process is started, nothing is written. A difference ends with exit status 3.',
    ],
    arguments: [{ name: 'RUN', summary: '@last where absent', optional: true }],
    options: [
      { flags: '--recorded', summary: 'under the recorded workflow, not the present file' },
    ],
    fields: [
      'run',
      'verdict',
      'against',
      'file',
      'facts',
      'decisions',
      'leaves',
      'provider_calls',
      'processes',
      'divergence',
    ],
    examples: [
      ['whaleflow replay', 'the last run'],
      ['whaleflow replay 7f3a --recorded', 'only the rules may have changed'],
    ],
    load: () => import('../commands/replay.ts'),
  },
  {
    name: 'export',
    summary: 'one run as a file: the run trace, secrets taken out',
    group: 'results',
    arguments: [
      {
        name: 'RUN',
        summary: '@last where absent; `export run RUN` is the same',
        rest: true,
        optional: true,
      },
    ],
    options: [
      { flags: '--content <LEVEL>', summary: 'full (default), preview or metadata' },
      { flags: '--no-redact', summary: 'leave everything in, secrets too', rare: true },
    ],
    examples: [
      ['whaleflow export 7f3a -o run.json', 'to a file that only you can read'],
      ['whaleflow export run 7f3a --format json --content metadata', 'no contents, to stdout'],
    ],
    load: () => import('../commands/export.ts'),
  },
  {
    name: 'verify',
    summary: 'look for damage: hash chains, contents, summaries; or a trace file',
    group: 'results',
    arguments: [{ name: 'RUN|FILE', summary: 'all runs where absent', optional: true }],
    fields: ['ok', 'runs', 'events', 'problems'],
    examples: [
      ['whaleflow verify', 'everything in the store'],
      ['whaleflow verify run.json', 'a trace that somebody sent'],
    ],
    load: () => import('../commands/verify.ts'),
  },
];
