import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { nodeChance } from '../../system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import { traceStoreSuite } from '../trace-store.suite.ts';
import { openStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

let stores = 0;
traceStoreSuite('SQLite store', () => {
  stores += 1;
  const stateFolder = join(folder, `${stores}`, 'state');
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  return openStore({ stateFolder, mode: 'create', ...world });
});
