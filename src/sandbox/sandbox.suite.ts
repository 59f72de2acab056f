/** What every sandbox that runs processes has to do. Each implementation calls this with itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { heldBytes } from '../../test/held-bytes.ts';
import type { ProcessReport, ProcessRequest, Sandbox } from './sandbox.ts';

export interface SandboxFixture {
  /** `graceMs`: between SIGTERM and SIGKILL. */
  sandbox(graceMs: number): Sandbox;
  /** An empty folder that may be written to; absolute. */
  readonly folder: string;
  /** A text file below `folder`, or undefined when it is not there. */
  read(name: string): Promise<string | undefined>;
  close(): Promise<void>;
}

/** What a process that ends by itself needs on no machine, and what one that does not is given. */
const [LONG_GRACE_MS, GRACE_MS] = [60_000, 200];
export const GRACES_MS: readonly number[] = [LONG_GRACE_MS, GRACE_MS];
const never = new AbortController().signal;
const MIB = 1024 * 1024;

export function sandboxSuite(name: string, open: () => Promise<SandboxFixture>): void {
  describe(`${name} sandbox`, () => {
    let fixture: SandboxFixture;
    beforeAll(async () => {
      fixture = await open();
    });
    afterAll(() => fixture.close());

    const run = (
      script: string,
      parts: Partial<ProcessRequest> = {},
      signal: AbortSignal = never,
      graceMs: number = GRACE_MS,
    ): Promise<ProcessReport> =>
      fixture.sandbox(graceMs).run(
        {
          argv: ['sh', '-c', script],
          root: fixture.folder,
          cwd: fixture.folder,
          env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
          timeoutMs: 100_000,
          maxOutputBytes: 64 * 1024,
          writable: [fixture.folder],
          scratch: [],
          network: false,
          ...parts,
        },
        signal,
      );
    const text = ({ head, tail }: ProcessReport['stdout']): string =>
      Buffer.concat([head, tail]).toString();

    /** Whether a process goes on that writes a new number into a file every 20 ms. */
    const isBeating = async (file: string): Promise<boolean> => {
      const before = await fixture.read(file);
      expect(before).toBeDefined();
      await run('sleep 0.3');
      return (await fixture.read(file)) !== before;
    };
    const beatInto = (file: string): string =>
      `n=0; while :; do n=$((n + 1)); echo $n > ${file}; sleep 0.02; done`;

    test('gives status and both streams apart', async () => {
      const report = await run('echo out; echo err >&2; exit 3');
      expect(report).toMatchObject({ exitCode: 3, signal: null, timedOut: false, aborted: false });
      expect(text(report.stdout)).toBe('out\n');
      expect(text(report.stderr)).toBe('err\n');
      expect(report.durationMs).toBeGreaterThanOrEqual(0);
    });

    test('the process sees exactly the given environment, and an empty input', async () => {
      const report = await run('env | sort | grep -v -e ^_= -e ^PWD= -e ^SHLVL= -e ^OLDPWD=; cat', {
        env: { PATH: '/usr/bin:/bin', GIVEN: 'yes' },
      });
      expect(text(report.stdout)).toBe('GIVEN=yes\nPATH=/usr/bin:/bin\n');
    });

    test('hands over an input, also to a process that does not read it', async () => {
      const stdin = new TextEncoder().encode('given');
      expect(text((await run('cat', { stdin })).stdout)).toBe('given');
      expect((await run('exit 0', { stdin: new Uint8Array(MIB) })).exitCode).toBe(0);
    });

    test('an input that comes piece by piece is read as it comes, and ends with the process', async () => {
      const asked = Promise.withResolvers<void>();
      let isEnded = false;
      async function* words(): AsyncGenerator<Uint8Array> {
        try {
          yield new TextEncoder().encode('one\n');
          await asked.promise;
          yield new TextEncoder().encode('two\n');
          for (;;) {
            yield new TextEncoder().encode('more\n');
            await new Promise((resolve) => setImmediate(resolve));
          }
        } finally {
          isEnded = true;
        }
      }
      const onOutput = (): void => asked.resolve();
      const script = 'read a; echo "$a"; read b; echo "$b"; exit 4';
      const report = await run(script, { input: words(), onOutput });
      expect(report.exitCode).toBe(4);
      expect(text(report.stdout)).toBe('one\ntwo\n');
      expect(isEnded).toBe(true);
    });

    test('arguments reach the process as they are', async () => {
      const odd = ['$(echo no)', 'a b', "it's", '*', ''];
      const argv = ['sh', '-c', 'for each in "$@"; do printf "<%s>" "$each"; done', 'sh', ...odd];
      expect(text((await run('', { argv })).stdout)).toBe("<$(echo no)><a b><it's><*><>");
    });

    test('a program that is not there is a report', async () => {
      const report = await run('', { argv: ['no-such-program'] });
      expect(report.exitCode).not.toBe(0);
      expect(report.spawnError ?? text(report.stderr)).toMatch(/no-such-program/);
    });

    test('a timeout ends it politely', async () => {
      const report = await run('sleep 600', { timeoutMs: 50 });
      expect(report).toMatchObject({ timedOut: true, exitCode: null });
    });

    test('the process itself is told to end, and may tidy up and say how it ended', async () => {
      const script = 'trap "echo tidy; exit 7" TERM; echo on; while :; do sleep 0.05; done';
      const controller = new AbortController();
      const parts = { onOutput: () => controller.abort() };
      const report = await run(script, parts, controller.signal, LONG_GRACE_MS);
      expect(report).toMatchObject({ aborted: true, exitCode: 7, signal: null });
      expect(text(report.stdout)).toBe('on\ntidy\n');
    });

    test('a process that ignores SIGTERM is killed after the grace, with all that it started', async () => {
      const script = `trap "" TERM; (trap "" TERM; ${beatInto('child')}) & while :; do sleep 1; done`;
      // Until it had the time to start the other.
      for (let timeoutMs = 300; (await fixture.read('child')) === undefined; timeoutMs *= 2) {
        const report = await run(script, { timeoutMs });
        expect(report).toMatchObject({ timedOut: true, exitCode: null });
      }
      expect(await isBeating('child')).toBe(false);
    });

    test('what is left of the group at a normal end is ended too', async () => {
      const left = `(${beatInto('left')}) & while [ ! -s left ]; do sleep 0.01; done; exit 0`;
      const report = await run(left);
      expect(report.exitCode).toBe(0);
      expect(await isBeating('left')).toBe(false);
    });

    test('an abort ends it, before the start and after', async () => {
      const controller = new AbortController();
      const running = run(
        'echo on; sleep 60',
        { onOutput: () => controller.abort() },
        controller.signal,
      );
      expect(await running).toMatchObject({ aborted: true, exitCode: null });
      expect(await run('echo on > started', {}, AbortSignal.abort())).toMatchObject({
        aborted: true,
        pid: undefined,
      });
      expect(await fixture.read('started')).toBeUndefined();
    });

    test('100 MB of output: head and tail are kept, the rest is counted, memory stays', async () => {
      const argv = ['sh', '-c', 'echo first; head -c 100000000 /dev/zero; echo last'];
      // What the collector leaves lying is a fixed amount: it has come up after the first time.
      await run('', { argv });
      const before = heldBytes();
      const { stdout, exitCode } = await run('', { argv });
      const grown = heldBytes() - before;
      expect(exitCode).toBe(0);
      expect(stdout.totalBytes).toBe(100_000_000 + 'first\nlast\n'.length);
      expect(stdout.head.length + stdout.tail.length).toBe(64 * 1024);
      expect(Buffer.from(stdout.head.subarray(0, 6)).toString()).toBe('first\n');
      expect(Buffer.from(stdout.tail.subarray(-5)).toString()).toBe('last\n');
      expect(grown).toBeLessThan(64 * MIB);
    });
  });
}
