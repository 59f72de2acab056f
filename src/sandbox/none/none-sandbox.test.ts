import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import { sandboxSuite } from '../sandbox.suite.ts';
import { noneSandbox } from './none-sandbox.ts';

sandboxSuite('none', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-sandbox-')));
  return {
    folder,
    sandbox: (graceMs) => noneSandbox({ clock: nodeClock, timers: nodeTimers, graceMs }),
    read: (name) => readFile(join(folder, name), 'utf8').catch(() => undefined),
    close: () => rm(folder, { recursive: true, force: true }),
  };
});
