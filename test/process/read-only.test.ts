/** A real disk that is mounted read-only between two drivers: all is still read, nothing pretends to be written. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inFolder } from './driver-process.ts';
import { cli } from './shell.ts';

/** Each command, then its exit status and all that it said, in a mount name space of its own. */
const script = `
mount -t tmpfs tmpfs "$DISK" && cd "$DISK" && export HOME="$DISK/home" || exit 77
git init -q . && git -c user.name=U -c user.email=u@localhost commit -q --allow-empty -m start
printf '%s' "$WORKFLOW" >a.json
say() { "$NODE" "$CLI" "$@" >said 2>&1; printf '%s %s\\n' "$?" "$* $(tr '\\n' ' ' <said)"; }
say run a.json --mock -y --foreground --max-leaves 1
cd /tmp
mount -o remount,ro "$DISK" || exit 77
say() { said=$("$NODE" "$CLI" -C "$DISK" "$@" 2>&1); printf '%s %s\\n' "$?" "$* $(printf %s "$said" | tr '\\n' ' ')"; }
for read in ls status 'show @last' 'logs @last' 'verify @last' 'replay @last' 'export @last -o -' approvals; do say $read; done
for write in 'resume @last -y --max-leaves 9' 'run a.json --mock -y' 'cancel @last' 'budget @last --max-leaves 9' doctor; do say $write; done
mount -o remount,rw "$DISK" || exit 77
say resume @last -y --max-leaves 9 --foreground
say verify @last
say replay @last
`;
const canMount =
  spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0;

const leaf = (id: string): object => ({ kind: 'leaf', id, task: { type: 'model', prompt: 'Go' } });
const workflow = { id: 'a', goal: 'Lose the right to write', nodes: [leaf('one'), leaf('two')] };

test.skipIf(!canMount)(
  'a store on a read-only disk is read by every verb that reads, and changed by none',
  () => {
    const lines = inFolder((folder) => {
      const disk = join(folder, 'disk');
      mkdirSync(disk);
      const env = {
        PATH: process.env['PATH'],
        LANG: 'C.UTF-8',
        CI: '1',
        NODE: process.execPath,
        CLI: cli,
        DISK: disk,
        WORKFLOW: JSON.stringify(workflow),
      };
      const done = spawnSync('unshare', ['-rm', 'sh', '-c', script], { env, encoding: 'utf8' });
      expect(done.stderr).toBe('');
      return done.stdout.trimEnd().split('\n');
    });
    expect(lines.length).toBe(17);
    const [first = '', ...rest] = lines;
    expect(first).toMatch(/^6 run /);
    for (const line of rest.slice(0, 8)) expect(line).toMatch(/^0 /);
    expect(rest[4]).toContain('nothing is damaged');
    expect(rest[5]).toContain('identical');
    for (const line of rest.slice(8, 12)) {
      expect(line).toMatch(/^9 .*error\[WF7003\]: the store in .* cannot be written: EROFS/);
    }
    expect(rest[12]).toMatch(/^1 doctor .*state folder/);
    expect(rest[12]).not.toContain('our fault');
    const [resumed, verified, replayed] = rest.slice(13);
    expect(resumed).toMatch(/^0 resume .*two#1 succeeded/);
    expect(resumed).not.toContain('one#2');
    expect(verified).toMatch(/^0 .*nothing is damaged/);
    expect(replayed).toMatch(/^0 .*identical/);
  },
);
