/** Whole screens of the commands that look at workflows, runs and this machine and change nothing. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pickFiles, type TestHost, testHost } from './test-host.ts';

const started = ['run', 'pick.yaml', '--mock=good.yaml', '-y', '-q'];
const shownIn = ({ folder }: TestHost, shown: string): string => shown.replaceAll(folder, 'FOLDER');

describe('check', () => {
  test('says what compiles', async () => {
    using host = testHost({ files: pickFiles });
    const { exit, shown } = await host.run('check', 'pick.yaml');
    expect(exit).toBe(0);
    expect(shown).toMatchInlineSnapshot(`
      "✔ pick.yaml   pick-one: 3 phases, at most 3 leaves
      "
    `);
  });

  test('is one object in JSON, with every diagnostic', async () => {
    using host = testHost({ files: { 'bad.yaml': 'id: x\ngoal: y\nnodes: []\nnodess: 1\n' } });
    const { exit, out, err } = await host.run('check', 'bad.yaml', '--json');
    expect([exit, err]).toEqual([2, '']);
    const { ok, errors, files } = JSON.parse(out);
    expect({
      ok,
      errors,
      codes: files[0].diagnostics.map((one: { code: string }) => one.code),
    }).toMatchInlineSnapshot(`
        {
          "codes": [
            "WF1005",
            "WF1002",
          ],
          "errors": 2,
          "ok": false,
        }
      `);
  });
});

describe('plan', () => {
  test('shows every node, the worst case and the rights', async () => {
    using host = testHost({ files: pickFiles });
    const { exit, shown } = await host.run('plan', 'pick.yaml');
    expect(exit).toBe(0);
    expect(shown).toMatchInlineSnapshot(`
      "pick-one   pick.yaml
        find the better one

        plan          model · leaf_reasoner
        attempts      branch set · ≤2
          small       model · leaf_reasoner
          large       model · leaf_reasoner
        best          tournament

        at most     3 leaves, 1 level deep
        ceiling     $5.00, 2.0M tokens, 1h00m, 1000 leaves
        tokens      ≤3 model calls: ≥14 in, ≤24.6k out
        trees       the run tree
        rights      write no · shell no · network no
      "
    `);
  });

  test('draws pictures', async () => {
    using host = testHost({ files: pickFiles });
    expect((await host.run('plan', 'pick.yaml', '--format', 'mermaid')).out).toMatch(/^flowchart /);
    expect((await host.run('plan', 'pick.yaml', '--format', 'dot')).out).toMatch(/^digraph /);
  });

  test('says in JSON what a dry run says', async () => {
    using host = testHost({ files: pickFiles });
    const plan = JSON.parse((await host.run('plan', 'pick.yaml', '--json')).out);
    const dry = JSON.parse(
      (await host.run('run', 'pick.yaml', '--mock', '--dry-run', '--json')).out,
    );
    expect(dry).toEqual({ ...plan, unaccepted: [], secrets: [], unaccepted_secrets: [] });
  });

  test('makes nothing', async () => {
    using host = testHost({ files: pickFiles });
    await host.run('plan', 'pick.yaml');
    expect(existsSync(join(host.folder, '.whaleflow'))).toBe(false);
  });
});

describe('replay', () => {
  test('is identical while nothing has changed', async () => {
    using host = testHost({ files: pickFiles });
    await host.run(...started);
    const { exit, shown } = await host.run('replay');
    expect(exit).toBe(0);
    expect(shown).toMatchInlineSnapshot(`
      "✔ identical   r1a0 under pick.yaml as it is now
        14 facts, 9 decisions, 3 leaves fed from the record
        0 provider calls, 0 processes
      "
    `);
  });

  test('names the node and the field where an edited file decides otherwise', async () => {
    using host = testHost({ files: pickFiles });
    await host.run(...started);
    const file = join(host.folder, 'pick.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Large: ', 'Very large: '));
    const { exit, shown, out } = await host.run('replay');
    expect([exit, out]).toEqual([3, '']);
    expect(shown).toMatchInlineSnapshot(`
      "error[WF5002]: replay of r1a0 diverged at attempts/large#1
         field        recorded                now
         task.prompt  Large: {{inputs.plan}}  Very large: {{inputs.plan}}
         = note: identical before it: 1 leaf; nothing was called
      help: see what a changed run would do: whaleflow fork r1a0 pick.yaml --dry-run
      "
    `);
    expect((await host.run('replay', '--recorded')).exit).toBe(0);
  });

  test('says the same in JSON, with the error on stderr', async () => {
    using host = testHost({ files: pickFiles });
    await host.run(...started);
    const file = join(host.folder, 'pick.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"Plan it"', '"Plan well"'));
    const { exit, out, err } = await host.run('replay', '--json');
    expect(exit).toBe(3);
    expect(JSON.parse(out).divergence).toMatchInlineSnapshot(`
      {
        "field": "task.prompt",
        "node": "plan",
        "now": "Plan well",
        "recorded": "Plan it",
        "seq": 2,
      }
    `);
    expect(JSON.parse(err).error).toMatchObject({ code: 'WF5002', exit: 3 });
  });
});

describe('export', () => {
  test('writes to a file for its owner, once', async () => {
    using host = testHost({ files: pickFiles });
    await host.run(...started);
    const { exit, err } = await host.run(
      'export',
      'run',
      '@last',
      '--format',
      'json',
      '-o',
      'x.json',
    );
    expect([exit, err.replace(/[\d.]+ KiB/, 'N KiB')]).toMatchInlineSnapshot(`
      [
        0,
        "wrote x.json: N KiB, 9 steps, content full, 1 value redacted, replayable
      ",
      ]
    `);
    expect(
      (await host.run('export', '-o', 'x.json')).shown.replace(host.folder, 'FOLDER'),
    ).toMatchInlineSnapshot(`
      "error[WF2009]: FOLDER/x.json exists
      help: give another name, or replace it with --force
      "
    `);
    expect((await host.run('export', '-o', 'x.json', '--force')).exit).toBe(0);
  });

  test('holds as much as is wanted, and without secrets unless they are', async () => {
    const env = { DEPLOY_TOKEN: 'tok-3f9a8b7c6d5e' };
    const files = {
      ...pickFiles,
      'good.yaml': (pickFiles['good.yaml'] ?? '').replace('do it', `use ${env.DEPLOY_TOKEN}`),
    };
    using host = testHost({ files, env });
    await host.run(...started);
    const { out } = await host.run('export');
    expect(JSON.parse(out).schema).toBe('whaleflow.trace/v1');
    expect(out).not.toContain(env.DEPLOY_TOKEN);
    expect((await host.run('export', '--no-redact')).out).toContain(env.DEPLOY_TOKEN);
    const { out: metadata } = await host.run('export', '--content', 'metadata');
    expect(metadata).not.toContain('Plan it');
    expect((await host.run('export', '--content', 'all')).shown).toMatchInlineSnapshot(`
      "error[WF2002]: --content takes full, preview, metadata, not \`all\`
      help: how it is typed: whaleflow export --help
      "
    `);
    expect((await host.run('export', '@last', '@2')).shown).toMatchInlineSnapshot(`
      "error[WF2002]: export takes one run, not 2
      help: one file a run: whaleflow export RUN -o FILE
      "
    `);
  });
});

describe('learning', () => {
  test('explain takes a code as it is printed or typed', async () => {
    using host = testHost();
    const { exit, shown } = await host.run('explain', 'wf1305');
    expect(exit).toBe(0);
    expect(shown).toMatchInlineSnapshot(`
      "WF1305: unbounded

        A loop needs \`maxIterations\`, and an expand needs \`maxChildren\`.

          loop_until("fix", succeeded("tests"), [...], max_iterations = 3)

        exit status 2: usage, or a workflow file that does not compile
      "
    `);
    expect((await host.run('explain', 'WF1035')).shown).toMatchInlineSnapshot(`
      "error[WF2010]: no error code \`WF1035\`
      help: did you mean \`WF1005\`?
      "
    `);
  });

  test.each(['workflow', 'trace', 'config'])('schema prints that of %s', async (name) => {
    using host = testHost();
    expect(JSON.parse((await host.run('schema', name)).out).$schema).toContain('2020-12');
  });

  test('schema knows what there is', async () => {
    using host = testHost();
    expect((await host.run('schema', 'workflw')).shown).toMatchInlineSnapshot(`
      "error[WF2002]: no schema \`workflw\`
      help: did you mean \`workflow\`?
      "
    `);
  });
});

describe('this machine', () => {
  test('doctor says what is amiss, and what mends it', async () => {
    using host = testHost({ env: { PATH: '/nowhere' } });
    const { findings } = JSON.parse((await host.run('doctor', '--json')).out);
    const verdicts = findings.map((one: { check: string; fix: string | null }) => one.check);
    expect(verdicts).toMatchInlineSnapshot(`
      [
        "node",
        "git",
        "state folder",
        "store",
        "disk",
        "sandbox",
        "search",
        "machine",
        "runs",
        "wf",
      ]
    `);
    const fixes = findings.filter((one: { verdict: string }) => one.verdict !== 'ok');
    for (const { fix } of fixes) expect(fix).not.toBe(null);
  });

  test('config counts in a trusted folder only, and says where each value is from', async () => {
    using host = testHost({ env: { WHALEFLOW_CONCURRENCY_MODEL: '3' } });
    mkdirSync(join(host.folder, '.whaleflow'));
    writeFileSync(
      join(host.folder, '.whaleflow/config.toml'),
      '[ceilings]\nmax_usd = 1\nmax_tokens = 9000000\nmax_leafs = 3\n',
    );
    const list = ['config', 'ls', '--show-origin'];
    expect(shownIn(host, (await host.run(...list)).shown)).toMatchInlineSnapshot(`
      "warning[WF2008]: FOLDER/.whaleflow/config.toml does not count: the folder is not trusted
      help: read it, then: whaleflow trust
      KEY                        VALUE    FROM
      concurrency.model          3        environment WHALEFLOW_CONCURRENCY_MODEL
      concurrency.command        2        built in
      concurrency.machine        8        built in
      concurrency.machine_model  64       built in
      ceilings.max_usd           5        built in
      ceilings.max_tokens        2000000  built in
      ceilings.max_leaves        1000     built in
      ceilings.max_minutes       60       built in
      sandbox.mode               off      environment WHALEFLOW_SANDBOX_MODE
      sandbox.read               none     built in
      workspace.link             none     built in
      workspace.setup            none     built in
      workspace.setup_network    off      built in
      workspace.setup_minutes    15       built in
      features.memo_repo         false    built in
      features.external_memory   false    built in
      features.external_agents   false    built in
      features.learning          false    built in
      features.overlay           false    built in
      features.web               false    built in
      features.mcp               false    built in
      features.remote            false    built in
      "
    `);
    expect(shownIn(host, (await host.run('trust')).shown)).toMatchInlineSnapshot(`
      "warning[WF2007]: unknown key ceilings.max_leafs
        --> FOLDER/.whaleflow/config.toml:4:1
        |
      4 | max_leafs = 3
        | ^
      help: did you mean \`ceilings.max_leaves\`?
      to take it back: whaleflow trust --take-back
      ✔ FOLDER is trusted from now on
        ceilings.max_usd = 1   FOLDER/.whaleflow/config.toml:2
      "
    `);
    expect(shownIn(host, (await host.run(...list)).shown)).toMatchInlineSnapshot(`
      "warning[WF2007]: unknown key ceilings.max_leafs
        --> FOLDER/.whaleflow/config.toml:4:1
        |
      4 | max_leafs = 3
        | ^
      help: did you mean \`ceilings.max_leaves\`?
      KEY                        VALUE    FROM
      concurrency.model          3        environment WHALEFLOW_CONCURRENCY_MODEL
      concurrency.command        2        built in
      concurrency.machine        8        built in
      concurrency.machine_model  64       built in
      ceilings.max_usd           1        FOLDER/.whaleflow/config.toml:2
      ceilings.max_tokens        2000000  built in
      ceilings.max_leaves        1000     built in
      ceilings.max_minutes       60       built in
      sandbox.mode               off      environment WHALEFLOW_SANDBOX_MODE
      sandbox.read               none     built in
      workspace.link             none     built in
      workspace.setup            none     built in
      workspace.setup_network    off      built in
      workspace.setup_minutes    15       built in
      features.memo_repo         false    built in
      features.external_memory   false    built in
      features.external_agents   false    built in
      features.learning          false    built in
      features.overlay           false    built in
      features.web               false    built in
      features.mcp               false    built in
      features.remote            false    built in
      "
    `);
    expect(shownIn(host, (await host.run('config', 'path')).shown)).toMatchInlineSnapshot(`
      "FOLDER/.whaleflow/config.local.toml   not there
      FOLDER/.whaleflow/config.toml   counts
      FOLDER/.config/whaleflow/config.toml   not there
      "
    `);
    expect((await host.run('config', 'get')).exit).toBe(2);
  });

  test('trust takes a folder that is there', async () => {
    using host = testHost();
    expect((await host.run('trust', 'nowhere')).exit).toBe(2);
  });

  test('version has three spellings', async () => {
    using host = testHost();
    const { out } = await host.run('version');
    expect(out).toMatch(/^whaleflow \d+\.\d+\.\d+ \(node v24\./);
    expect((await host.run('--version')).out).toBe(out);
    expect((await host.run('-V')).out).toBe(out);
  });
});
