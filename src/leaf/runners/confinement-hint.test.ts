import { describe, expect, test } from 'vitest';
import { testJob } from '../test-host.ts';
import { confinementHint } from './confinement-hint.ts';

const task = { type: 'command', purpose: 'shell', argv: ['x'], timeoutMs: 1, okExitCodes: [0] };
const job = testJob(task as never, { node: { mode: 'read_write', fileScope: ['src/**'] } });

describe('what a command that failed in the sandbox is told', () => {
  test.each([
    ['Error: getaddrinfo EAI_AGAIN registry.example', /no network/],
    ['curl: (6) Could not resolve host: example.org', /no network/],
    ['connect ECONNREFUSED 127.0.0.1:5432', /loopback of its own/],
    ['touch: README.md: Read-only file system', /write to the folders of src\/\*\*, its home/],
    ["EROFS: read-only file system, open 'x'", /write to the folders/],
    ['cat: /home/leaf/.ssh/id: No such file or directory', /not your home; .*\[sandbox\] read/],
    ['prlimit: failed to execute cargo: No such file or directory', /no program cargo; /],
    [
      'prlimit: failed to execute ./fix.sh: No such file or directory',
      /no \.\/fix\.sh in its tree/,
    ],
    ['bwrap: Creating new namespace failed: Operation not permitted', /whaleflow doctor/],
  ])('%s', (text, hint) => {
    expect(confinementHint(job, 'strict', `before\n${text}\n`)).toMatch(hint);
    expect(confinementHint(job, 'none', text)).toBeUndefined();
  });

  test('nothing, where nothing points to the sandbox', () => {
    for (const text of ['2 tests failed', 'ENOENT: no such file: src/a.ts', '']) {
      expect(confinementHint(job, 'strict', text)).toBeUndefined();
    }
  });

  test('and what a leaf may do is not held against it', () => {
    const network = { ...job.node.permissions, network: true };
    const connected = testJob(task as never, { node: { permissions: network } });
    expect(confinementHint(connected, 'strict', 'ECONNREFUSED')).toBeUndefined();
    expect(confinementHint(connected, 'strict', 'EROFS')).toMatch(/a read_only leaf write nothing/);
  });
});
