/** Commands that outlive their driver are ended before their leaf begins again. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell, until } from './shell.ts';
import { wholeLines } from './whole-lines.ts';

/** Two that are deaf to SIGTERM, one in a session of its own; the second attempt ends by itself. */
const script = `
case "$WHALEFLOW_LEAF" in *'#1 '*) ;; *) echo second >>"$1"; sleep 0.5; exit 0 ;; esac
beat='trap "" TERM HUP; i=0; while [ $((i+=1)) -lt 9999 ]; do echo first >>"$0"; sleep 0.02; done'
(setsid sh -c "$beat" "$1" &)
sh -c "$beat" "$1"`;

test.skipIf(process.platform !== 'linux')(
  'what a killed driver left running never runs beside the next attempt',
  async () => {
    using shell = openShell();
    const log = join(shell.root, '..', 'log');
    const task = { type: 'command', purpose: 'shell', argv: ['sh', '-c', script, 'sh', log] };
    const nodes = [{ kind: 'leaf', id: 'beat', task }];
    shell.write('beat.json', JSON.stringify({ id: 'beat', goal: 'Outlive a driver', nodes }));
    const run = shell.whaleflow('run', 'beat.json', '--yes', '--allow', '*', '-d').out.trim();
    await until(() => wholeLines(log).length > 2);
    process.kill(shell.driverOf(run), 'SIGKILL');
    const known = wholeLines(log).length;
    await until(() => wholeLines(log).length > known + 3);
    const resumed = shell.whaleflow('resume', run, '--yes');
    expect(resumed.exit, resumed.err).toBe(0);
    const all = wholeLines(log);
    expect(all.slice(all.indexOf('second'))).toEqual(['second']);
    const again = shell.events(run).findLast(({ type }) => type === 'run.driven');
    expect(again?.['ended']).toBeGreaterThanOrEqual(2);
    expect(shell.whaleflow('replay', run).exit).toBe(0);
    expect(shell.whaleflow('verify', run).exit).toBe(0);
  },
);
