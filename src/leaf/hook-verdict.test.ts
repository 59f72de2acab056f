import { expect, test } from 'vitest';
import type { ProcessReport } from '../sandbox/sandbox.ts';
import { verdictOf } from './hook-verdict.ts';

const stream = (text: string): ProcessReport['stdout'] => {
  const head = Buffer.from(text);
  return { head, tail: new Uint8Array(), totalBytes: head.length };
};
const report = (
  exitCode: number | null,
  { stdout = '', stderr = '', ...parts }: Record<string, unknown> = {},
): ProcessReport => ({
  pid: 1,
  exitCode,
  signal: exitCode === null ? 'SIGKILL' : null,
  timedOut: false,
  aborted: false,
  stdout: stream(String(stdout)),
  stderr: stream(String(stderr)),
  durationMs: 1,
  ...parts,
});
const json = (value: unknown): { readonly stdout: string } => ({ stdout: JSON.stringify(value) });
const guard = { onError: 'block', timeoutMs: 5_000 } as const;

test.each<[string, ProcessReport, object]>([
  ['nothing said', report(0), { decision: 'allow' }],
  ['words for people', report(0, { stdout: 'looks fine' }), { decision: 'allow' }],
  ['no JSON after all', report(0, { stdout: '{ hello' }), { decision: 'allow' }],
  [
    'a permission, which permits nothing',
    report(0, json({ decision: 'approve' })),
    { decision: 'allow' },
  ],
  ['exit 2', report(2, { stderr: 'no\npushing' }), { decision: 'block', reason: 'no pushing' }],
  ['exit 2 with words on stdout', report(2, { stdout: 'no' }), { decision: 'block', reason: 'no' }],
  ['exit 2 without words', report(2), { decision: 'block', reason: 'it gave no reason' }],
  [
    'JSON that blocks',
    report(0, json({ decision: 'block', reason: 'never on Friday' })),
    { decision: 'block', reason: 'never on Friday' },
  ],
  [
    'JSON as another agent’s hooks say it',
    report(
      0,
      json({ hookSpecificOutput: { permissionDecision: 'deny', permissionDecisionReason: 'no' } }),
    ),
    { decision: 'block', reason: 'no' },
  ],
  [
    'JSON that stops',
    report(0, json({ continue: false, stopReason: 'late' })),
    { decision: 'block', reason: 'late' },
  ],
  [
    'a reason that is none',
    report(0, json({ decision: 'block', reason: 7 })),
    { decision: 'block', reason: 'it gave no reason' },
  ],
  [
    'escapes in a reason',
    report(2, { stderr: '\u001b[31mred' }),
    { decision: 'block', reason: '\\x1b[31mred' },
  ],
])('%s', (_name, said, verdict) => {
  expect(verdictOf(guard, said)).toEqual(verdict);
});

test.each<[string, ProcessReport, string]>([
  ['ends in another way', report(1, { stderr: 'oops' }), 'it ended with 1: oops'],
  ['is killed', report(null), 'it was ended by SIGKILL'],
  ['takes too long', report(null, { timedOut: true }), 'it took longer than 5 s'],
  ['is not there', report(null, { spawnError: 'ENOENT' }), 'it cannot be started: ENOENT'],
])('a hook that %s blocks, or is passed over, as it is configured', (_name, said, reason) => {
  expect(verdictOf(guard, said)).toEqual({ decision: 'block', reason });
  expect(verdictOf({ ...guard, onError: 'go_on' }, said)).toEqual({ decision: 'failed', reason });
});
