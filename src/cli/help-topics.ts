/** Pages of `whaleflow help TOPIC` that belong to no command. */
import type { ExitStatus } from '../base/error-codes.ts';

/** What each exit status means, in every command. */
export const exitStatuses: Readonly<Record<ExitStatus, string>> = {
  0: 'done, and the workflow’s own verdict is success',
  1: 'the run finished and failed or was cancelled, or a runtime error',
  2: 'usage, or a workflow file that does not compile',
  3: 'replay diverged',
  4: 'provider or agent not configured, or not signed in',
  5: 'a question needs a person and input is off',
  6: 'stopped by a budget: work is kept, resume goes on',
  7: 'apply would conflict; nothing was changed',
  8: 'finished degraded: some leaves failed, the result is usable',
  9: 'this machine cannot: sandbox, store, disk, version, lost driver',
  124: '--timeout was reached; the run goes on',
  130: 'interrupted',
  143: 'terminated',
};

const variables: readonly (readonly [name: string, meaning: string])[] = [
  ['WHALEFLOW_HOME', 'config, state and cache in this folder instead of their own places'],
  ['XDG_CONFIG_HOME', 'user config and workflows in $XDG_CONFIG_HOME/whaleflow'],
  ['XDG_CACHE_HOME', 'worktrees and compiled code in $XDG_CACHE_HOME/whaleflow'],
  ['NO_COLOR', 'no colour'],
  ['FORCE_COLOR, CLICOLOR_FORCE', 'colour in pipes too'],
  ['TERM=dumb', 'no colour, no glyphs, no live view'],
  ['CI', 'never ask, as --no-input'],
  ['LC_ALL, LC_CTYPE, LANG', 'glyphs beyond ASCII where they say UTF-8'],
];

/** By topic, its rows: what is there, and what it means. */
export const helpTopics: Readonly<Record<string, () => readonly (readonly [string, string])[]>> = {
  'exit-codes': () =>
    Object.entries(exitStatuses).map(([code, meaning]) => [code.padStart(3), meaning]),
  environment: () => variables,
};
