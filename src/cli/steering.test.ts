/** Each word to a run in each of its states: what it exits with, and where the run stands afterwards. */
import { describe, expect, test } from 'vitest';
import { pickFiles, type TestHost, testHost } from './test-host.ts';

const files = {
  ...pickFiles,
  'ask.yaml': `id: ask
goal: be asked
nodes:
  - {id: ship, kind: approve, message: "Ship it?"}
  - {id: after, kind: leaf, task: {type: model, prompt: "After"}}
`,
};

const start = (fixture: string): string[] => ['run', 'pick.yaml', `--mock=${fixture}`, '-y'];

/** What brings the last run into a state. */
const states: Readonly<Record<string, (host: TestHost) => Promise<unknown>>> = {
  running: async (host) => {
    await host.run(...start('slow.yaml'), '-d');
    await expect.poll(() => host.store.runs()[0]?.inFlight).toBe(1);
  },
  pausing: async (host) => {
    await states['running']?.(host);
    await host.run('pause', '@last');
  },
  paused: async (host) => {
    await host.run('run', 'ask.yaml', '--mock', '-y');
    await host.run('pause', '@last');
    await expect.poll(() => host.store.lease(host.store.runs()[0]?.run ?? '')).toBe(undefined);
  },
  waiting: (host) => host.run('run', 'ask.yaml', '--mock', '-y'),
  stopped: (host) => host.run(...start('good.yaml'), '--max-leaves', '1'),
  succeeded: (host) => host.run(...start('good.yaml')),
  cancelled: async (host) => {
    await states['running']?.(host);
    await host.run('cancel', '@last');
  },
};

const words = {
  pause: ['pause', '@last'],
  skip: ['skip', '@last/plan'],
  'skip what waits': ['skip', '@last/ship'],
  'skip the run': ['skip', '@last'],
  approve: ['approve', '@last'],
  deny: ['deny', '@last/ship'],
  budget: ['budget', '@last', '--max-leaves', '50'],
  'budget of nothing': ['budget', '@last'],
  cancel: ['cancel', '@last'],
  rm: ['rm', '@last', '-y'],
} as const;

type Word = keyof typeof words;

/** Exit status, and the state that follows: `gone` where there is no run any more. */
const table: Readonly<Record<string, Partial<Record<Word, readonly [number, string]>>>> = {
  running: {
    pause: [0, 'pausing'],
    skip: [0, 'failed'],
    'skip what waits': [2, 'running'],
    'skip the run': [2, 'running'],
    approve: [2, 'running'],
    budget: [0, 'running'],
    'budget of nothing': [2, 'running'],
    cancel: [0, 'cancelled'],
    rm: [2, 'running'],
  },
  pausing: {
    pause: [0, 'pausing'],
    budget: [0, 'pausing'],
    cancel: [0, 'cancelled'],
    rm: [2, 'pausing'],
  },
  paused: {
    pause: [0, 'paused'],
    'skip what waits': [0, 'paused'],
    approve: [0, 'paused'],
    // What settles needs no leaf: a no ends the run under its pause.
    deny: [0, 'failed'],
    budget: [0, 'paused'],
    cancel: [0, 'cancelled'],
    rm: [2, 'paused'],
  },
  waiting: {
    pause: [0, 'paused'],
    'skip what waits': [0, 'degraded'],
    approve: [0, 'succeeded'],
    deny: [0, 'failed'],
    budget: [0, 'running'],
    cancel: [0, 'cancelled'],
    rm: [2, 'running'],
  },
  stopped: {
    pause: [0, 'stopped'],
    approve: [2, 'stopped'],
    budget: [0, 'stopped'],
    cancel: [0, 'cancelled'],
    rm: [2, 'stopped'],
  },
  succeeded: {
    pause: [2, 'succeeded'],
    skip: [2, 'succeeded'],
    approve: [2, 'succeeded'],
    budget: [2, 'succeeded'],
    cancel: [2, 'succeeded'],
    rm: [0, 'gone'],
  },
  cancelled: { pause: [2, 'cancelled'], budget: [2, 'cancelled'], rm: [0, 'gone'] },
};

const cases = Object.entries(table).flatMap(([state, row]) =>
  Object.entries(row).map(([word, [exit, after]]) => ({ state, word, exit, after })),
);

describe('a word to a run', () => {
  test.each(cases)('$word while $state: $exit, then $after', async (one) => {
    using host = testHost({ files });
    await states[one.state]?.(host);
    const screen = await host.run(...words[one.word as Word]);
    expect(screen.exit, screen.shown).toBe(one.exit);
    await expect.poll(() => host.store.runs()[0]?.state ?? 'gone').toBe(one.after);
    const [row] = host.store.runs();
    if (row !== undefined && row.endedAt === undefined) await host.run('cancel', '@last');
  });
});
