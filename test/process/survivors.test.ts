/** Commands that outlive their driver are ended before their leaf begins again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell, until } from './shell.ts';

/** Two that are deaf to SIGTERM, one in a session of its own; the second attempt ends by itself. */
const script = `
case "$WHALEFLOW_LEAF" in *'#1 '*) ;; *) echo second >>"$1"; sleep 0.5; exit 0 ;; esac
beat='trap "" TERM HUP; i=0; while [ $((i+=1)) -lt 999 ]; do echo first >>"$0"; sleep 0.02; done'
(setsid sh -c "$beat" "$1" &)
sh -c "$beat" "$1"`;

const beats = (log: string): readonly string[] => {
  try {
    return readFileSync(log, 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};

interface Driven {
  readonly type: string;
  readonly pid: number;
  readonly ended?: number;
}

test.skipIf(process.platform !== 'linux')(
  'what a killed driver left running never runs beside the next attempt',
  async () => {
    using shell = openShell();
    const log = join(shell.root, '..', 'log');
    const task = { type: 'command', purpose: 'shell', argv: ['sh', '-c', script, 'sh', log] };
    const nodes = [{ kind: 'leaf', id: 'beat', task }];
    shell.write('beat.json', JSON.stringify({ id: 'beat', goal: 'Outlive a driver', nodes }));
    const run = shell.whaleflow('run', 'beat.json', '--yes', '--allow', '*', '-d').out.trim();
    const driven = (): readonly Driven[] =>
      shell
        .whaleflow('logs', run, '--json', '--level', 'debug')
        .out.trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Driven)
        .filter(({ type }) => type === 'run.driven');
    await until(() => beats(log).length > 2, 60_000);
    const [first] = driven();
    process.kill(first?.pid ?? 0, 'SIGKILL');
    const known = beats(log).length;
    await until(() => beats(log).length > known + 3, 60_000);
    const resumed = shell.whaleflow('resume', run, '--yes');
    expect(resumed.exit, resumed.err).toBe(0);
    const all = beats(log);
    expect(all.slice(all.indexOf('second'))).toEqual(['second']);
    expect(driven()[1]?.ended).toBeGreaterThanOrEqual(2);
    expect(shell.whaleflow('replay', run).exit).toBe(0);
    expect(shell.whaleflow('verify', run).exit).toBe(0);
  },
  60_000,
);
