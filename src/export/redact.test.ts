import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workflowDocuments } from '../../test/arbitrary/workflow-document.ts';
import { cpuWatch } from '../../test/cpu-watch.ts';
import { replay } from '../engine/replay.ts';
import type { LeafRunner } from '../leaf/leaf-runner.ts';
import type { WorkflowDocument } from '../workflow/document.ts';
import type { ModelTask } from '../workflow/task.ts';
import { buildRunTrace, type RunTraceRequest } from './build-run-trace.ts';
import { importRunTrace } from './import-run-trace.ts';
import { redactor } from './redact/redactor.ts';
import { redactText, secretVariables } from './redact-text.ts';
import { requestOf, type TestRun, testRun } from './test-run.ts';
import { everything, everythingRules, hello } from './test-workflows.ts';

// Put together here, so that no scanner takes the test for a leak.
const shapes: readonly (readonly [rule: string, secret: string, around?: string])[] = [
  ['github', `ghp_${'a1B2'.repeat(9)}`],
  ['github', `github_pat_${'a1B2_'.repeat(9)}`],
  ['aws', `AKIA${'ABCD1234'.repeat(2)}`],
  ['openai', `sk-${'a1B2'.repeat(8)}`],
  ['openai', `sk-proj-${'a1-B2_'.repeat(8)}`],
  ['anthropic', `sk-ant-api03-${'a1-B2_'.repeat(8)}`],
  ['slack', `xoxb-${'123456789012-'.repeat(2)}abcdef`],
  ['npm', `npm_${'a1B2'.repeat(9)}`],
  ['google', `AIza${'a1B2C'.repeat(7)}`],
  ['jwt', `eyJ${'hbGciOiJI'.repeat(2)}.eyJ${'zdWIiOiIx'.repeat(2)}.${'c2ln'.repeat(5)}`],
  [
    'pem',
    `-----BEGIN RSA PRIVATE KEY-----\nMIIE${'abc/+123\n'.repeat(6)}-----END RSA PRIVATE KEY-----`,
  ],
  ['url', 'bob:hunter2hunter2', 'https://bob:hunter2hunter2@db.example/x'],
  ['authorization', 'dXNlcjpwYXNzd29yZA==', 'Authorization: Basic dXNlcjpwYXNzd29yZA=='],
  ['assignment', 'hunter2hunter2', 'DATABASE_PASSWORD=hunter2hunter2'],
  ['assignment', 'hunter2hunter2', '  "apiKey": "hunter2hunter2",'],
  ['assignment', 'hunter2hunter2', '{\\"password\\": \\"hunter2hunter2\\"}'],
];

describe('shapes', () => {
  test.each(
    shapes.map(([rule, secret, around = `see ${secret} here`]) => [rule, secret, around] as const),
  )('%s is taken out of a text', (rule, secret, around) => {
    const redact = redactor({ secrets: [] });
    const text = redact.text(`+ before\n${around}\nafter`);
    expect(text).not.toContain(secret);
    expect(text).toContain(`[REDACTED:${rule}]`);
    expect(text).toMatch(/^\+ before\n.*after$/s);
    expect(Object.fromEntries(redact.counts)).toEqual({ [rule]: 1 });
    expect(redactor({ secrets: [] }).text(text)).toBe(text);
  });

  test.each([
    'const token = await nextToken(stream);',
    'MAX_TOKENS=4096',
    'interface Login { password: string; apiKey?: string }',
    'task-runner-for-something-with-a-long-name',
    'see https://example.com:8080/a@b and mailto:ada@example.com',
    'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    'password: "$' + '{PASSWORD}"',
    'export API_KEY=$SOME_OTHER_KEY',
  ])('%s is no secret', (text) => {
    expect(redactor({ secrets: [] }).text(text)).toBe(text);
  });

  test.each([
    '-----BEGIN PRIVATE KEY-----',
    'eyJabcdefgh',
    '://a:b',
    'sk-',
    'a'.repeat(20),
    'KEY=',
  ])('a megabyte of %s takes no second', (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const spentMs = cpuWatch();
    redactor({ secrets: [{ name: 'A', value: 'aaaaaaaaaaaaaaab' }], home: '/home/a' }).text(text);
    expect(spentMs()).toBeLessThan(1_000);
  });
});

describe('values', () => {
  const value = 'p@ss "w\\rd"/x';
  const secrets = [{ name: 'DB_PASSWORD', value }];

  test.each([
    value,
    JSON.stringify(value),
    JSON.stringify(JSON.stringify({ a: value })),
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
  ])('%s is found in its form', (form) => {
    const text = redactor({ secrets }).text(`-${form}-`);
    expect(text).toContain('[REDACTED:DB_PASSWORD]');
    expect(text).not.toContain(form);
  });

  test('only variables that look like secrets are taken, and no short values', () => {
    const found = secretVariables({
      API_KEY: '12345678',
      SHORT_TOKEN: '1234567',
      HOME: '/home/ada',
      none: undefined,
      my_secret: 'abcdefghi',
    });
    expect(found.map(({ name }) => name)).toEqual(['API_KEY', 'my_secret']);
  });

  test('the runtime replaces exact values only', () => {
    const before = redactText([{ name: 'A_KEY', value: 'open sesame' }]);
    const [, github = ''] = shapes[0] ?? [];
    expect(before(`say open sesame, ${github}`)).toBe(`say [REDACTED:A_KEY], ${github}`);
    expect(redactText([])('as it is')).toBe('as it is');
  });

  test('fields are secret by their name, in objects and lists', () => {
    const redact = redactor({ secrets: [] });
    const after = redact.json({
      password: 'x',
      nested: [{ 'x-api-key': 'abc', count: 3, tokens: 12 }],
      cookie: ['a=b'],
      empty: { secret: '' },
    });
    expect(after).toEqual({
      password: '[REDACTED:key]',
      nested: [{ 'x-api-key': '[REDACTED:key]', count: 3, tokens: 12 }],
      cookie: ['[REDACTED:key]'],
      empty: { secret: '' },
    });
    expect(redact.counts.get('key')).toBe(3);
  });

  test('keys that become equal are told apart', () => {
    const redact = redactor({
      secrets: [
        { name: 'A', value: 'aaaaaaaa' },
        { name: 'A', value: 'bbbbbbbb' },
      ],
    });
    expect(redact.json({ aaaaaaaa: 1, bbbbbbbb: 2 })).toEqual({
      '[REDACTED:A]': 1,
      '[REDACTED:A]~2': 2,
    });
  });

  test('home folders become ~', () => {
    const redact = redactor({ secrets: [], home: '/home/ada', user: 'ada' });
    expect(redact.text('/home/ada/x /home/adam /Users/ada. C:\\Users\\ada\\x')).toBe(
      '~/x /home/adam ~. ~\\x',
    );
  });
});

const planted = 'correct-horse-battery';
const github = shapes[0]?.[1] ?? '';
const request: Partial<RunTraceRequest> = {
  secrets: [{ name: 'SERVICE_KEY', value: planted }],
  home: '/home/ada',
  user: 'ada',
};
const leaks = [planted, github, '/home/ada', 'whale.example', 'hush-hush'];

/** A run with secrets in all its places. */
async function leakyRun(): Promise<TestRun> {
  const document: WorkflowDocument = {
    ...everything,
    goal: `deploy with ${planted}`,
    params: { type: 'object', properties: { apiToken: { type: 'string' } } },
    nodes: [
      ...everything.nodes.slice(0, -1),
      {
        id: 'tool',
        kind: 'leaf',
        task: { type: 'model', prompt: `Use ${github} of {{params.apiToken}} in /home/ada/x.` },
      },
      { id: 'ok', kind: 'approve', message: `Send ${planted}?`, timeoutMs: 200, onTimeout: 'deny' },
    ],
  };
  const real: LeafRunner<ModelTask> = {
    async run(job, { host }) {
      const { path, attempt } = job;
      if (path === 'files') return { status: 'succeeded', output: [planted, `b ${github}`, 'c'] };
      if (path.startsWith('explore/')) return { status: 'succeeded', output: { score: 7 } };
      const input = host.keep(JSON.stringify({ argv: ['curl', planted], [planted]: 1 }), 'json');
      const output = host.keep(
        new Uint8Array([0xff, 0xfe, ...Buffer.from(planted), 0x80]),
        'binary',
      );
      const failure = { kind: 'exit', message: `curl ${planted} hush-hush said no` } as const;
      void host.record({
        type: 'tool.called',
        path,
        attempt,
        tool: 'curl',
        input,
        output,
        exitCode: 1,
        latencyMs: 1,
        failure,
      });
      const content = host.keep(`+TOKEN=${planted}\n-/home/ada\n`, 'patch');
      const fruit = [
        {
          type: 'patch',
          title: `use ${planted}`,
          content,
          value: { password: 'hush-hush' },
          evidence: [],
        },
      ] as const;
      if (path === 'tool') return { status: 'failed', failure, output: planted, fruit };
      return { status: 'succeeded', output: `text ${planted} ${job.params['apiToken']}`, fruit };
    },
  };
  return testRun(document, {
    rules: everythingRules,
    runners: { model: real },
    started: {
      params: { apiToken: 'hush-hush' },
      name: `with ${planted}`,
      labels: { [planted]: github, at: '/home/ada/work' },
      source: { path: '/home/ada/w.star', language: 'starlark', digest: 'f'.repeat(64) },
    },
  });
}

describe('a whole run', () => {
  test('secrets planted everywhere are gone from every content level, and counted', async () => {
    const run = await leakyRun();
    const open = JSON.stringify(buildRunTrace(requestOf(run, { ...request, redact: false })));
    expect(leaks.filter((leak) => !open.includes(leak))).toEqual([]);
    for (const content of ['full', 'preview', 'metadata'] as const) {
      const trace = buildRunTrace(requestOf(run, { ...request, content }));
      const text = JSON.stringify(trace);
      expect(leaks.filter((leak) => text.includes(leak))).toEqual([]);
      for (const blob of Object.values(trace.blobs)) {
        const data = Buffer.from(blob.data ?? '', blob.encoding).toString('latin1');
        expect(leaks.filter((leak) => data.includes(leak))).toEqual([]);
      }
      const { counts, replayable } = trace.redaction;
      expect(replayable).toBe(false);
      expect(Object.keys(counts)).toEqual([
        'SERVICE_KEY',
        'apiToken',
        'github',
        'home',
        'host',
        'key',
      ]);
    }
  });

  test('no hash of what was taken out stays: every content is under its own', async () => {
    const run = await leakyRun();
    const trace = buildRunTrace(requestOf(run, request));
    const before = JSON.stringify(buildRunTrace(requestOf(run, { redact: false })).blobs);
    const changed = Object.keys(trace.blobs).filter((hash) => !before.includes(hash));
    expect(changed.length).toBeGreaterThan(3);
    expect(importRunTrace(JSON.stringify(trace))).not.toHaveProperty('problems');
  });

  test('instances whose keys were secrets stay apart, and keep their steps', async () => {
    const run = await leakyRun();
    const open = buildRunTrace(requestOf(run, { ...request, redact: false }));
    const trace = buildRunTrace(requestOf(run, request));
    expect(trace.steps.length).toBe(open.steps.length);
    const reviews = trace.steps.filter(({ node, kind }) => node === 'review' && kind === 'leaf');
    expect(reviews.map(({ path }) => path)).toEqual([
      'per-file[%5BREDACTED:SERVICE_KEY%5D]/review',
      'per-file[b%20%5BREDACTED:github%5D]/review',
      'per-file[c]/review',
    ]);
  });

  test('a second redaction changes nothing but the time', async () => {
    const trace = buildRunTrace(requestOf(await leakyRun(), request));
    const imported = importRunTrace(JSON.stringify(trace));
    if ('problems' in imported) throw new Error(imported.problems.join('; '));
    const again = buildRunTrace(
      requestOf(
        { run: trace.run_id, events: imported.events, blob: imported.blob },
        { ...request, earlier: trace.redaction },
      ),
    );
    expect(again).toEqual(trace);
  });

  test('what was taken out where no replay looks leaves the run replayable', async () => {
    const run = await testRun(hello);
    const trace = buildRunTrace(requestOf(run, { home: '/home/ada' }));
    expect(trace.redaction).toMatchObject({ replayable: true, counts: { host: 1 } });
    const imported = importRunTrace(JSON.stringify(trace));
    if ('problems' in imported) throw new Error(imported.problems.join('; '));
    expect(replay(imported.events).verdict).toBe('identical');
  });

  test('the key of a pair is one part of a path still, however long both names are', () => {
    const secrets = [{ name: 'KEY', value: 'sesame-sesame' }];
    const long = `each%5B${'x'.repeat(100)}%5D%2Ftry`;
    const path = `cup/$judge[${long},sesame-sesame%2Ftry]`;
    const redacted = redactor({ secrets }).address(path);
    expect(redacted).toBe(`cup/$judge[${long},%5BREDACTED:KEY%5D%2Ftry]`);
  });

  test('property: whatever text is a secret, ids included, the trace holds together', async () => {
    const places = fc.array(fc.nat(), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(workflowDocuments(), places, async (document, starts) => {
        const run = await testRun(document);
        const text = textsOf(run);
        const secrets = starts.map((start, index) => {
          const from = start % text.length;
          return { name: `S${index}_KEY`, value: text.slice(from, from + 9) };
        });
        const trace = buildRunTrace(requestOf(run, { secrets }));
        const back = importRunTrace(JSON.stringify(trace));
        if ('problems' in back) throw new Error(back.problems.join('; '));
        const stored = { run: run.run, events: back.events, blob: back.blob };
        const again = buildRunTrace(requestOf(stored, { secrets, earlier: trace.redaction }));
        expect(again).toEqual(trace);
      }),
      { numRuns: 60 },
    );
  });
});

/** Outputs, prompts and ids of a run, one after the other. */
function textsOf({ events, blob }: TestRun): string {
  const texts = events.flatMap((event) => {
    if (event.type === 'run.started') {
      const named = JSON.stringify(event.spec).matchAll(/"(?:prompt|id)":"([^"]{9,})"/g);
      return Array.from(named, ([, text = '']) => text);
    }
    const output = event.type === 'leaf.finished' ? event.result.output : undefined;
    return output === undefined ? [] : [new TextDecoder().decode(blob(output.digest))];
  });
  return `a text at least. ${texts.join(' ')}`;
}
