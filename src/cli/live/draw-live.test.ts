/** The live view at the sizes that terminals have, from the first events of a real run. */
import { describe, expect, test } from 'vitest';
import { RunView } from '../../trace/run-view.ts';
import { endBlock } from '../end-block.ts';
import { styleOf } from '../style.ts';
import { pickFiles, type TestHost, testHost } from '../test-host.ts';
import { widthOf } from '../width.ts';
import { drawLive } from './draw-live.ts';
import { summaryText } from './reporter.ts';

const silent = {
  isTerminal: false,
  size: () => undefined,
  write() {},
  onResize: () => ({ [Symbol.dispose]() {} }),
};
const style = styleOf({ env: { LANG: 'C.UTF-8' }, stream: silent, color: 'never' });
const ascii = styleOf({ env: {}, stream: silent, color: 'never' });

const START = 1_700_000_000_000;
const STEP_MS = 500;

/** The run after so many events, half a second between them. */
async function viewAfter(host: TestHost, count: number): Promise<RunView> {
  await host.run('run', 'pick.yaml', '--mock=good.yaml', '-y', '-q');
  const view = new RunView();
  const run = host.store.runs()[0]?.run ?? '';
  for (const event of host.store.read(run, 0, count)) {
    view.see({ ...event, at: START + event.seq * STEP_MS });
  }
  return view;
}

const now = START + 60_000;
const live = [
  {
    run: '',
    path: 'attempts/small',
    attempt: 1,
    kind: 'output',
    startedAt: START,
    lastActivityAt: now - 2_000,
    text: 'ok 1\nnot ok 2 \x1b[31mevil\n',
  },
];
const base = {
  run: '7f3a',
  short: (run: string) => run,
  state: 'running' as const,
  live,
  now,
  style,
  footer: 'q detach',
};

describe('the live view', () => {
  test('at 80 by 24', async () => {
    using host = testHost({ files: pickFiles });
    const view = await viewAfter(host, 12);
    const lines = drawLive(view, { ...base, columns: 80, rows: 24 });
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      " pick-one  7f3a                                                   ● running 59s
       1/3 leaves ▕█████░░░░░░░░░░░▏   $0.04 of $5.00   2.3k tokens, 40% cached
       longest: attempts/small#1  54s · active 2s ago · output · not ok 2 \\x1b[31mev…
        ✔ plan      done 1.5s           2.3k    $0.04
        ● attempts  running 56s  0/2
          ● small   running 54s                        active 2s ago · output · not …
          ● large   running 55s
        ○ best      waiting                            waits for attempts
       q detach"
    `);
  });

  test('below 60 columns tokens and cost give way; without UTF-8 there are none of its glyphs', async () => {
    using host = testHost({ files: pickFiles });
    const view = await viewAfter(host, 12);
    const lines = drawLive(view, { ...base, style: ascii, columns: 50, rows: 24 });
    expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      " pick-one  7f3a                     * running 59s
       1/3 leaves   $0.04 of $5.00   2.3k tokens, 40% ~
       longest: attempts/small#1  54s - active 2s ago ~
        + plan      done 1.5s
        * attempts  running 56s  0/2
          * small   running 54s       active 2s ago - ~
          * large   running 55s
        . best      waiting           waits for attemp~
       q detach"
    `);
  });

  test('a dead driver has no clock, and the way on is said', async () => {
    using host = testHost({ files: pickFiles });
    const view = await viewAfter(host, 12);
    const lines = drawLive(view, { ...base, state: 'lost', columns: 80, rows: 24 });
    expect(lines[0]).toMatch(/☐ lost · whaleflow resume 7f3a$/);
    expect(lines.join('\n')).not.toContain('running');
  });

  test('it fits every size, and keeps what runs', async () => {
    using host = testHost({ files: pickFiles });
    const view = await viewAfter(host, 12);
    for (const columns of [20, 40, 59, 60, 72, 80, 200]) {
      for (const rows of [4, 8, 12, 24]) {
        const lines = drawLive(view, { ...base, columns, rows });
        expect(lines.length).toBeLessThan(Math.max(rows, 6));
        for (const line of lines) expect(widthOf(line)).toBeLessThan(columns);
        if (columns >= 40 && rows >= 8) expect(lines.join('\n')).toContain('small');
      }
    }
  });

  test('a branch that is ready waits for a slot', async () => {
    using host = testHost({ files: pickFiles });
    const all = await viewAfter(host, 1_000);
    const [{ run } = { run: '' }] = host.store.runs();
    const view = new RunView();
    for (const event of host.store.read(run, 0)) {
      view.see(event);
      if (event.type === 'node.started' && event.path === 'attempts') break;
    }
    expect(view.state.seq).toBeLessThan(all.state.seq);
    const lines = drawLive(view, { ...base, live: [], columns: 100, rows: 24 });
    expect(lines.filter((line) => line.includes('waits for a slot'))).toHaveLength(2);
  });

  const tight = (run: string, set: string): string =>
    `id: tight
goal: More leaves than its budgets hold at once
budget: {${run}}
nodes:
  - id: all
    kind: branch_set
    budget: {${set}}
    children:
      - {id: a, kind: leaf, task: {type: model, prompt: A}}
      - {id: b, kind: leaf, task: {type: model, prompt: B}}
      - {id: c, kind: leaf, task: {type: model, prompt: C}}
`;

  test.each([
    ['its set', 'maxLeaves: 9', 'maxTokens: 9000', 'waits for the budget of all: a call of up to'],
    ['the run', 'maxTokens: 9000', 'maxLeaves: 9', 'waits for the budget of the run: a call of'],
  ])('a leaf that a budget holds says that it is the budget of %s', async (_, run, set, said) => {
    using host = testHost({ files: { 'tight.yaml': tight(run, set) } });
    await host.run('run', 'tight.yaml', '--mock', '-y', '-q', '-j', '8');
    const view = new RunView();
    for (const event of host.store.read(host.store.runs()[0]?.run ?? '', 0)) {
      view.see(event);
      if (event.type === 'leaf.requested') break;
    }
    const lines = drawLive(view, { ...base, live: [], columns: 100, rows: 24 });
    expect(lines.filter((line) => line.includes(said))).toHaveLength(2);
    expect(lines.join('\n')).not.toContain('waits for a slot');
  });

  test('what waits says for what', async () => {
    using host = testHost({ files: pickFiles });
    await host.run('run', 'pick.yaml', '--mock=slow.yaml', '-y', '-d', '-j', '1');
    await expect.poll(() => host.store.runs()[0]?.inFlight).toBe(1);
    await host.run('cancel', '@last');
    const run = host.store.runs()[0]?.run ?? '';
    const view = new RunView();
    for (const event of host.store.read(run, 0)) {
      view.see(event);
      const lines = drawLive(view, { ...base, live: [], columns: 100, rows: 24 });
      const bare = lines.filter((line) => line.includes('waiting') && !line.includes('waits for '));
      expect(bare).toEqual([]);
    }
  });

  test('a silent driver is told with what to type, and nothing else gives way', async () => {
    using host = testHost({ files: pickFiles });
    const view = await viewAfter(host, 12);
    const silence = { ms: 12_000, pid: 4711, isStopped: true };
    const lines = drawLive(view, { ...base, silence, columns: 100, rows: 24 });
    expect(lines[2]).toBe(
      ' ⚠ driver not heard of for 12s, its process is stopped: kill -CONT 4711',
    );
  });

  test('a summary line for pipes', async () => {
    using host = testHost({ files: pickFiles });
    const view = await viewAfter(host, 12);
    expect(summaryText(view, now)).toMatchInlineSnapshot(
      `"1/3 running=2 longest=attempts/small:54s cost=$0.04"`,
    );
  });
});

test('the end recommends only commands that there are', async () => {
  using host = testHost({ files: pickFiles });
  const view = await viewAfter(host, 1_000);
  const [row] = host.store.runs();
  if (row === undefined) throw new Error('no run');
  const request = {
    run: '7f3a',
    output: null,
    now,
    questions: [],
    tree: [],
    style,
    width: undefined,
  };
  const standing = { row, state: 'succeeded' as const, isDriven: false };
  const words = (known: readonly string[]): readonly string[] =>
    endBlock(view, { ...request, standing, known: new Set(known) })
      .filter((line) => line.includes('whaleflow '))
      .map((line) => line.trim().replace(/\s{2,}/, ': '));
  expect(words([])).toEqual([]);
  const known = ['show', 'diff', 'apply', 'replay', 'fork'];
  expect(words(known)[1]).toBe('prove it: whaleflow replay 7f3a');
  view.state.trees.set('', { from: 'a', at: 'b', touched: true });
  expect(words(known)).toEqual([
    'look inside: whaleflow show 7f3a',
    'see the patch: whaleflow diff 7f3a',
    'take it over: whaleflow apply 7f3a',
  ]);
});
