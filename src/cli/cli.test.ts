/** Whole screens, by driving `main` in process over a store in memory. */
import { describe, expect, test } from 'vitest';
import { pickFiles, testHost } from './test-host.ts';

const started = ['run', 'pick.yaml', '--mock=good.yaml', '-y'];

/** Without what to type next: that grows with the command table, and has a test of its own. */
const body = (shown: string): string =>
  shown
    .split('\n')
    .filter((line) => !/^ {2}.*whaleflow /.test(line))
    .join('\n');

describe('nothing there', () => {
  test('the command without a command is one screen, and makes no store', async () => {
    using host = testHost();
    const { exit, shown } = await host.run();
    expect(exit).toBe(0);
    expect(body(shown).replace(host.folder, 'FOLDER')).toMatchInlineSnapshot(`
      "WhaleFlow 0.1.0  FOLDER  no runs here yet

      "
    `);
  });

  test('a word that is no command is told with the nearest one', async () => {
    using host = testHost();
    const { exit, shown } = await host.run('lss');
    expect(exit).toBe(2);
    expect(shown).toMatchInlineSnapshot(`
      "error[WF2002]: no command \`lss\`
      help: did you mean \`ls\`?
      "
    `);
  });

  test('an unknown option is told with the nearest one', async () => {
    using host = testHost();
    expect((await host.run('ls', '--limmit', '3')).shown).toMatchInlineSnapshot(`
      "error[WF2002]: ls: unknown option '--limmit'
      help: did you mean \`--limit\`?
      "
    `);
  });

  test('a format as an output file is a slip of the pen', async () => {
    using host = testHost();
    expect((await host.run('ls', '-o', 'json')).shown).toMatchInlineSnapshot(`
      "error[WF2002]: -o takes a file, and \`json\` is a format
      help: did you mean \`--format json\`? for a file of that name: -o ./json
      "
    `);
  });

  test('in JSON an error is one object on stderr', async () => {
    using host = testHost();
    const { out, err } = await host.run('show', '--json', '7f3a');
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchInlineSnapshot(`
      {
        "error": {
          "code": "WF2004",
          "exit": 2,
          "help": [
            "there are no runs yet: whaleflow demo",
          ],
          "message": "no run 7f3a",
        },
      }
    `);
  });

  test('a file that does not compile is drawn with its line', async () => {
    using host = testHost({ files: { 'bad.yaml': 'id: x\ngoal: y\nnodes: []\nnodess: 1\n' } });
    expect((await host.run('run', 'bad.yaml', '-y')).shown).toMatchInlineSnapshot(`
      "error[WF1005]: \`nodes\` is out of range
        --> bad.yaml:3:8
        |
      3 | nodes: []
        |        ^^ at least 1 entry

      error[WF1002]: unknown field \`nodess\` in the workflow
        --> bad.yaml:4:1
        |
      4 | nodess: 1
        | ^^^^^^ not a field here
      help: did you mean \`nodes\`?
      "
    `);
  });
});

describe('help', () => {
  test('the short one of a command has two examples', async () => {
    using host = testHost();
    expect((await host.run('wait', '-h')).shown).toMatchInlineSnapshot(`
      "whaleflow wait: block until runs have ended; the exit code is the worst of
      theirs

      usage: whaleflow wait RUN… [OPTIONS]
        RUN                         one or more

      EXAMPLES
        whaleflow wait @last                    until it has ended
        whaleflow wait 7f3a c21e --timeout 30m  both, at most half an hour

      OPTIONS
        --timeout <DURATION>        give up after it (exit 124)

      all options: whaleflow wait --help
      "
    `);
  });

  test('the full one has every flag and the JSON fields', async () => {
    using host = testHost();
    const { out } = await host.run('help', 'show');
    expect(out).toContain('--state-dir <DIR>');
    expect(out).toContain('JSON FIELDS');
    const fields = (await host.run('help', 'run')).out.match(/JSON FIELDS\n {2}(.+)/)?.[1] ?? '';
    expect(fields.split(', ').filter((field) => field === 'workflow')).toEqual(['workflow']);
  });

  test('each listed command has two examples, which begin with the program', async () => {
    const { commands } = await import('./commands.ts');
    for (const { name, group, examples } of commands) {
      if (group === 'hidden') continue;
      expect(examples.length, name).toBeGreaterThanOrEqual(2);
      for (const [line] of examples) expect(line).toMatch(/^whaleflow\b/);
    }
  });
});

describe('a run', () => {
  test('in a pipe: a line for each change, then the end', async () => {
    using host = testHost({ files: pickFiles });
    const { exit, shown } = await host.run(...started);
    expect(exit).toBe(0);
    expect(body(shown)).toMatchInlineSnapshot(`
      "10:03:12 r1a0 started pick-one
      10:03:12 r1a0/plan#1 started on mock:mock-leaf_reasoner
      10:03:12 r1a0/plan#1 succeeded 0.1s cost=$0.04
      10:03:12 r1a0/attempts/small#1 started on mock:mock-leaf_reasoner
      10:03:12 r1a0/attempts/large#1 started on mock:mock-leaf_reasoner
      10:03:12 r1a0/attempts/small#1 succeeded 0.1s cost=$0.61
      10:03:12 r1a0/attempts/large#1 succeeded 0.1s cost=$0.98
      10:03:12 r1a0/attempts succeeded
      10:03:12 r1a0/best succeeded
      10:03:12 r1a0 finished: succeeded
      ✔ done in 0.1s   pick-one r1a000000000   winner small
        3 leaves   $1.63   5.9k tokens, 16% cached
        mock: no model, command or file was real
        output  {"winner":"small","ranking":[{"candidate":"small","place":1,"score":0.9,"outcome":"succeeded","why":"0.9"},{"candidate":"large","place":2,"score":0.4,"outcome":"succeeded","why":"0.4; behind small"}],"ties":[],"why":"best by field: 0.9","output":{"score":0.9}}
      "
    `);
  });

  test('stdout holds the end only; talk is on stderr', async () => {
    using host = testHost({ files: pickFiles });
    const { out } = await host.run(...started);
    expect(out).toMatch(/^✔ done in /);
  });

  test('detached, only the id is printed', async () => {
    using host = testHost({ files: pickFiles });
    const { out, err } = await host.run(...started, '-d');
    expect(out).toBe(`${host.store.runs()[0]?.run}\n`);
    expect(err).toBe('');
  });

  test('without glyphs where the locale says nothing of UTF-8', async () => {
    using host = testHost({ files: pickFiles, env: { LANG: 'C' } });
    const { out } = await host.run(...started);
    expect(out).toMatch(/^\+ done in /);
    expect(/^[\x20-\x7e\n]*$/.test(out)).toBe(true);
  });

  test('its plan, before it runs', async () => {
    using host = testHost({ files: pickFiles });
    expect(
      (await host.run('run', 'pick.yaml', '--mock', '--dry-run', '--max-usd', '1')).shown,
    ).toMatchInlineSnapshot(`
      " pick-one will start   pick.yaml
         plan → attempts (branch set, ≤2) → best (tournament)
         at most 3 leaves, 8 models at once   ceiling $1.00, 2.0M tokens, 1h00m, 1000 leaves
         mock: no model, no command, no file, no cost
      "
    `);
    expect(host.store.runs()).toEqual([]);
  });

  test('what it may do is whole on a narrow terminal', async () => {
    const commands = [
      'make the-first-of-them',
      'make the-second-of-them',
      'make the-third-of-them',
    ];
    const nodes = commands.map((text, at) => {
      const argv = JSON.stringify(text.split(' '));
      return `  - {id: n${at}, kind: leaf, task: {type: command, purpose: shell, argv: ${argv}}}`;
    });
    const files = { 'all.yaml': `id: all\ngoal: all\nnodes:\n${nodes.join('\n')}\n` };
    using host = testHost({ files, terminal: { columns: 40, rows: 24 } });
    const { shown } = await host.run('run', 'all.yaml', '--dry-run', '--max-steps', '7');
    const words = shown.replace(/\s+/g, ' ');
    for (const command of commands) expect(words).toContain(`\`${command}\``);
    expect(words).toContain('1000 leaves, 7 steps');
    using wider = testHost({ files, terminal: { columns: 80, rows: 24 } });
    const asked = await wider.run('run', 'all.yaml', '--dry-run', '--max-steps', '7');
    expect(asked.shown).toMatch(/at once\n {3}ceiling \$/);
  });

  test('a person says no, and nothing is there', async () => {
    using host = testHost({ files: pickFiles, terminal: { columns: 80, rows: 24 } });
    host.press('n');
    const { exit, err } = await host.run('run', 'pick.yaml', '--mock');
    expect(exit).toBe(1);
    expect(err).toContain('nothing was started');
    expect(host.store.runs()).toEqual([]);
  });

  test('as JSON: one object with its output', async () => {
    using host = testHost({ files: pickFiles });
    const { out } = await host.run(...started, '--json');
    const page = JSON.parse(out);
    expect(page).toMatchObject({
      schema: 'whaleflow.run/1',
      state: 'succeeded',
      cost_microusd: 1_630_000,
      cost_status: 'exact',
      tokens: { uncached: 4200, cache_read: 800, cache_write: 0, output: 900, reasoning: 0 },
      exit: 0,
      output: { winner: 'small' },
    });
  });
});

describe('looking at a finished run', () => {
  test('ls, show, show of a leaf, logs', async () => {
    using host = testHost({ files: pickFiles });
    await host.run(...started);
    expect((await host.run('ls')).shown).toMatchInlineSnapshot(`
      "RUN   WORKFLOW         STATE   DONE   COST  AGE  LEAF OR REASON
      r1a0  pick-one (mock)  ✔ done   3/3  $1.63   0s
      "
    `);
    expect(body((await host.run('show')).shown)).toMatchInlineSnapshot(`
      "✔ done in 0.1s   pick-one r1a000000000   winner small
        3 leaves   $1.63   5.9k tokens, 16% cached
        mock: no model, command or file was real

        ✔ plan      done 0.1s         2.3k    $0.04
        ✔ attempts  done 0.1s  2/2    3.6k    $1.59
          ✔ small   done 0.1s         1.1k    $0.61
          ✔ large   done 0.1s         2.5k    $0.98
        ✔ best      done 0.1s                        winner small

        output  {"winner":"small","ranking":[{"candidate":"small","place":1,"score":0.9,"outcome":"succeeded","why":"0.9"},{"candidate":"large","place":2,"score":0.4,"outcome":"succeeded","why":"0.4; behind small"}],"ties":[],"why":"best by field: 0.9","output":{"score":0.9}}
      "
    `);
    expect((await host.run('show', '@last/attempts/small')).shown).toMatchInlineSnapshot(`
      "r1a0/attempts/small#1   model · leaf_reasoner
        state       succeeded 0.1s, from 10:03:12
        model       mock:mock-leaf_reasoner
        used        $0.61, 1.1k tokens, 1 model call
        digest      00000000000000000000000000000000

      prompt:
        Small: <data name="inputs.plan">do it</data>

      output:
        {
          "score": 0.9
        }
      "
    `);
    expect((await host.run('logs', '--tail', '2')).shown).toMatchInlineSnapshot(`
      "10:03:12 r1a0/best succeeded
      10:03:12 r1a0 finished: succeeded
      "
    `);
    expect((await host.run('show', '--plain')).shown).toMatchInlineSnapshot(`
      "r1a0/plan	done 0.1s		2.3k	$0.04	
      r1a0/attempts	done 0.1s	2/2	3.6k	$1.59	
      r1a0/attempts/small	done 0.1s		1.1k	$0.61	
      r1a0/attempts/large	done 0.1s		2.5k	$0.98	
      r1a0/best	done 0.1s				winner small
      "
    `);
  });

  test('fields of JSON are chosen, and a wrong one is told', async () => {
    using host = testHost({ files: pickFiles });
    await host.run(...started);
    const { out } = await host.run('show', '--json', 'state,done', '@last');
    expect(JSON.parse(out)).toEqual({ schema: 'whaleflow.run/1', state: 'succeeded', done: 3 });
    expect((await host.run('show', '--json=stat')).exit).toBe(2);
  });

  test('logs as JSON are events, one a line', async () => {
    using host = testHost({ files: pickFiles });
    await host.run(...started);
    const { out } = await host.run('logs', '--json');
    const events = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(events[0]).toMatchObject({ schema: 'whaleflow.event/1', type: 'run.started' });
  });

  test('a fork says what it reuses and what it runs', async () => {
    using host = testHost({ files: pickFiles });
    await host.run(...started);
    expect(
      (await host.run('fork', '@last', '--at', 'attempts/large', '--dry-run')).shown,
    ).toMatchInlineSnapshot(`
      " fork of r1a0
         reuses at least 2 leaves ($0.65 not spent again)
         runs at least 1 leaf: attempts/large, then what depends on it
      "
    `);
    const { exit, shown } = await host.run('retry', '@last/attempts/large', '-y');
    expect(exit).toBe(0);
    expect(body(shown)).toMatchInlineSnapshot(`
      " fork of r1a0
         reuses at least 2 leaves ($0.65 not spent again)
         runs at least 1 leaf: attempts/large, then what depends on it
      10:03:12 r2a0 started pick-one
      10:03:12 r2a0/plan#1 reused from r1a0
      10:03:12 r2a0/attempts/small#1 reused from r1a0
      10:03:12 r2a0/attempts/large#1 started on mock:mock-leaf_reasoner
      10:03:12 r2a0/attempts/large#1 succeeded 0.1s cost=$0.98
      10:03:12 r2a0/attempts succeeded
      10:03:12 r2a0/best succeeded
      10:03:12 r2a0 finished: succeeded
      ✔ done in 0.1s   pick-one r2a000000000   winner small
        3 leaves   $0.98   2.5k tokens   saved: 2 leaves reused
        mock: no model, command or file was real
        output  {"winner":"small","ranking":[{"candidate":"small","place":1,"score":0.9,"outcome":"succeeded","why":"0.9"},{"candidate":"large","place":2,"score":0.4,"outcome":"succeeded","why":"0.4; behind small"}],"ties":[],"why":"best by field: 0.9","output":{"score":0.9}}
      "
    `);
  });
});

test('a pinned run is marked in the list', async () => {
  using host = testHost({ files: pickFiles });
  await host.run(...started, '--name', 'kept');
  await host.run('pin', '@last');
  expect((await host.run('ls')).out).toContain('pick-one (kept, mock, pinned)');
  expect(JSON.parse((await host.run('ls', '--json', 'pinned')).out).runs).toEqual([
    { pinned: true },
  ]);
});
