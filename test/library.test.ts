/** The built library as programs in JavaScript use it, who are told in words what they got wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

interface Library {
  runWorkflow(...given: readonly unknown[]): Promise<Readonly<Record<string, unknown>>>;
  parseWorkflow(...given: readonly unknown[]): Readonly<Record<string, unknown>>;
  openStore(...given: readonly unknown[]): Disposable & { runs(): readonly unknown[] };
}

const built = join(import.meta.dirname, '..', 'dist', 'index.js');
const { runWorkflow, parseWorkflow, openStore } = (await import(built)) as Library;

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-library-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nodes = [{ kind: 'leaf', id: 'ask', task: { type: 'model', prompt: 'hi' } }];
const workflow = { id: 'one', goal: 'g', nodes };
const tokens = { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
const provider = {
  name: 'echo',
  async *call({ model }: { readonly model: string }) {
    const usage = { tokens, costMicroUsd: 0, costStatus: 'exact' };
    yield { type: 'finished', text: 'fine', usage, model };
  },
};
const command = { kind: 'leaf', id: 'unit', task: { type: 'command', argv: ['true'] } };
const shell = { shell: true, commands: ['*'] };

const said = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work();
  } catch (error) {
    const { name, code, message, hint } = error as Record<string, unknown>;
    expect([name, code]).toEqual(['WhaleFlowError', expect.stringMatching(/^WF/)]);
    expect(hint, String(message)).toMatch(/./);
    return `${code}: ${message}. ${hint}`;
  }
};

describe('runWorkflow says what does not fit', () => {
  test.each([
    ['no options', [workflow], /^WF2002: runWorkflow got no options/],
    ['null', [workflow, null], /^WF2002: runWorkflow got no options/],
    ['no provider', [workflow, {}], /^WF2002: nobody answers ask: .* `provider`/],
    ['a name for a provider', [workflow, { provider: 'openai' }], /`provider` does not fit/],
    [
      'a provider without a call',
      [workflow, { provider: { name: 'x' } }],
      /`call\(request, signal\)`/,
    ],
    ['a misspelt option', [workflow, { provider, paralel: 4 }], /no option `paralel`.*`parallel`/],
    ['no leaf at once', [workflow, { provider, parallel: 0 }], /`parallel` does not fit/],
    ['no number of them', [workflow, { provider, parallel: Number.NaN }], /whole number from 1/],
    ['a text of one', [workflow, { provider, parallel: '4' }], /`parallel` does not fit/],
    ['a controller', [workflow, { provider, signal: new AbortController() }], /controller\.signal/],
    ['a number as an id', [workflow, { provider, run: 4 }], /`run` does not fit/],
    ['an id with blanks', [workflow, { provider, run: 'A B' }], /1 to 64 of a-z/],
    ['a path for a store', [workflow, { provider, store: 'state' }], /what openStore has given/],
    ['an empty path', [workflow, { provider, stateFolder: '' }], /`stateFolder` does not fit/],
    ['an address', [workflow, { provider, stateFolder: new URL('file:///x') }], /fileURLToPath/],
    ['a text of parameters', [workflow, { provider, params: 'x' }], /`params` does not fit/],
    ['no workflow', [undefined, { provider }], /^WF1001: runWorkflow got no workflow/],
    ['a file', ['fix.star', { provider }], /^WF1001: .*command line/],
    ['what the gate gave', [parseWorkflow(workflow), { provider }], /^WF1001: .*parsed\.spec/],
    ['a refusal of the gate', [parseWorkflow({}), { provider }], /^WF1001: .*parsed\.spec/],
    [
      'a leaf that runs a command',
      [{ ...workflow, permissions: shell, nodes: [command] }, { provider }],
      /^WF3001: unit is a command leaf/,
    ],
  ])('%s', async (_name, given, message) => {
    expect(await said(() => runWorkflow(...given))).toMatch(message);
  });

  test('a store and a folder', async () => {
    using store = openStore({ stateFolder: join(folder, 'both') });
    const given = { provider, store, stateFolder: join(folder, 'other') };
    expect(await said(() => runWorkflow(workflow, given))).toMatch(
      /both `store` and `stateFolder`/,
    );
  });

  test('options that are named and undefined are absent', async () => {
    const options = { provider, store: undefined, stateFolder: undefined, run: undefined };
    const more = { params: undefined, parallel: undefined, signal: undefined };
    expect(await runWorkflow(workflow, { ...options, ...more })).toMatchObject({ output: 'fine' });
  });
});

test('openStore says what does not fit', async () => {
  for (const given of [[], ['state'], [{}], [{ stateFolder: 5 }], [{ stateFolder: 'a\0b' }]]) {
    expect(await said(() => openStore(...given))).toMatch(/^WF2002: openStore/);
  }
});

test('a store that is closed says so, before a run and in the middle of one; closing it again is nothing', async () => {
  const store = openStore({ stateFolder: join(folder, 'closed') });
  const closing = {
    name: 'closing',
    async *call(request: { readonly model: string }) {
      store[Symbol.dispose]();
      yield* provider.call(request);
    },
  };
  const midway = await said(() => runWorkflow(workflow, { provider: closing, store }));
  expect(midway).toMatch(/^WF7010: the store in .* is closed/);
  expect(await said(() => runWorkflow(workflow, { provider, store }))).toMatch(/^WF7010/);
  expect(await said(() => store.runs())).toMatch(/^WF7010/);
  expect(await said(() => store[Symbol.dispose]())).toBeUndefined();
});

test('two calls that begin the same run at once: one does, the other is told', async () => {
  using store = openStore({ stateFolder: join(folder, 'two') });
  const begin = () => said(() => runWorkflow(workflow, { provider, store, run: 'same' }));
  const both = await Promise.all([begin(), begin()]);
  const told = both.filter((one) => typeof one === 'string');
  expect(told).toEqual([expect.stringMatching(/^WF5005: run "same" /)]);
  expect(both).toContainEqual(expect.objectContaining({ output: 'fine' }));
  expect(store.runs()).toHaveLength(1);
});

test('a signal that has been aborted stops the run before its first call, and it goes on later', async () => {
  using store = openStore({ stateFolder: join(folder, 'aborted') });
  let calls = 0;
  const counting = {
    name: 'counting',
    call: (request: { readonly model: string }) => {
      calls += 1;
      return provider.call(request);
    },
  };
  const own = { provider: counting, store, run: 'own' };
  const stopped = await runWorkflow(workflow, { ...own, signal: AbortSignal.abort() });
  expect([stopped['outcome'], calls]).toEqual([undefined, 0]);
  expect(await runWorkflow(workflow, own)).toMatchObject({ output: 'fine' });
  expect(calls).toBe(1);
});
