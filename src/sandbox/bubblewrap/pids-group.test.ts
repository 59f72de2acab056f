import { execFileSync } from 'node:child_process';
import { existsSync, rmdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { closePidsGroup, openPidsGroup, sweepPidsGroups } from './pids-group.ts';

const folder = openPidsGroup(`try-${process.pid}`, 10);

test.skipIf(folder === undefined)(
  'what the dead left is swept, what the living just made is not',
  () => {
    const own = folder ?? '';
    const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
    const left = join(dirname(own), basename(own).replace(`-${process.pid}-`, `-${dead}-`));
    execFileSync('mkdir', [left]);
    try {
      sweepPidsGroups();
      expect([existsSync(own), existsSync(left)]).toEqual([true, false]);
    } finally {
      closePidsGroup(own);
      if (existsSync(left)) rmdirSync(left);
    }
  },
);
