import type { CommandSpec } from '../command.ts';

/** What came of runs. */
export const resultCommands: readonly CommandSpec[] = [
  {
    name: 'diff',
    summary: 'what a run, a branch or a leaf has changed, as a patch',
    group: 'results',
    arguments: [{ name: 'RUN[/PATH]', summary: '@last where absent', optional: true }],
    options: [
      { flags: '--stat', summary: 'the files and how each changed' },
      { flags: '--name-only', summary: 'the files' },
    ],
    fields: ['run', 'from', 'to', 'files'],
    examples: [
      ['whaleflow diff @last', 'the winner’s patch'],
      ['whaleflow diff 7f3a/fixes/b --stat', 'what a losing branch did'],
    ],
    load: () => import('../commands/diff.ts'),
  },
  {
    name: 'apply',
    summary: 'put what a run has changed on your files; all of it or nothing',
    group: 'results',
    details: [
      'Files that you have not touched since the run began are written; where you have, nothing is written\n' +
        'and the exit status is 7. Your index, HEAD and branches stay. `whaleflow undo` takes it back exactly.',
      'With --commit it is committed onto HEAD too, in your name: only what the run has changed. Where one of these\n' +
        'paths has uncommitted work of yours, or a merge or rebase is in progress, nothing is written (exit status 7).\n' +
        'What else you have staged or changed stays as it is. No hook of the repository runs, and nothing is signed.',
    ],
    arguments: [{ name: 'RUN[/PATH]', summary: '@last where absent', optional: true }],
    options: [
      { flags: '--check', summary: 'say what would be written, write nothing' },
      { flags: '--3way', summary: 'merge files that you have changed too, where that goes' },
      { flags: '--to-branch <NAME>', summary: 'make a branch of it instead; no file is touched' },
      {
        flags: '--commit',
        summary: 'commit it in your name, onto HEAD or that branch; runs no hooks',
      },
      {
        flags: '-m, --message <TEXT>',
        summary: 'of that commit; the goal of the run where absent',
      },
    ],
    fields: ['applied', 'check', 'files', 'done', 'branch', 'commit', 'unsigned'],
    examples: [
      ['whaleflow apply @last --check', 'would it go?'],
      ['whaleflow apply 7f3a --to-branch fix/memo', 'to look at it in peace'],
      ['whaleflow apply @last --commit -m "Mend the sum"', 'onto your files, and committed'],
    ],
    load: () => import('../commands/apply.ts'),
  },
  {
    name: 'undo',
    summary: 'put the files back as they were before an apply, and take its commit away',
    group: 'results',
    arguments: [
      { name: 'APPLY', summary: 'as apply named it; the last one where absent', optional: true },
    ],
    fields: ['undone', 'files'],
    examples: [
      ['whaleflow undo', 'take the last apply back'],
      ['whaleflow undo x3k9qd', 'take that one back'],
    ],
    load: () => import('../commands/undo.ts'),
  },
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
  {
    name: 'rm',
    summary: 'delete finished runs with their contents, refs and worktrees',
    group: 'results',
    arguments: [{ name: 'RUN', summary: 'one or more finished runs', rest: true }],
    fields: ['removed', 'left'],
    examples: [
      ['whaleflow rm 7f3a', 'says what is lost, asks, deletes for good'],
      ['whaleflow rm 7f3a c21e -y', 'without a question; all of them or none'],
    ],
    load: () => import('../commands/rm.ts'),
  },
  {
    name: 'pin',
    summary: 'keep a run: nothing deletes it; without a run, list what is kept',
    group: 'results',
    arguments: [{ name: 'RUN', summary: 'the run to keep', optional: true }],
    options: [{ flags: '--off', summary: 'let it go again' }],
    fields: ['run', 'pinned'],
    examples: [
      ['whaleflow pin 7f3a', 'rm refuses it from now on'],
      ['whaleflow pin 7f3a --off', 'no longer'],
    ],
    load: () => import('../commands/pin.ts'),
  },
];
