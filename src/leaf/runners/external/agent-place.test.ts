/** What an agent sees of the world: the variables that it is given, and its home. */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExternalTask } from '../../../workflow/task.ts';
import { testJob } from '../../test-host.ts';
import { openAgentPlace } from './agent-place.ts';
import type { ExternalAgent } from './external-agent.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-place-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const agent: ExternalAgent = {
  name: 'double',
  protocol: { type: 'exec', format: 'text' },
  argv: ['double'],
  rights: { readOnly: [], readWrite: [], confined: [] },
  env: { OWN: 'own', MODE: 'asks' },
  confinedEnv: { MODE: 'held' },
  readable: [],
  writable: [],
  billing: 'unknown',
};

const open = (parts: Partial<ExternalAgent>, isConfined: boolean) => {
  const task: ExternalTask = { type: 'external', agent: 'double', prompt: 'Go', timeoutMs: 1 };
  const job = testJob<ExternalTask>(task);
  const environment = { PATH: '/bin', CANARY: 'of the person' };
  const place = { environment, temporaryFolder: folder, base: folder, isConfined };
  return openAgentPlace(job, { ...agent, ...parts }, place);
};

test('what is set for a confined agent is set in the strict sandbox, and only there', async () => {
  const free = await open({}, false);
  expect(free.process.env).toMatchObject({ PATH: '/bin', OWN: 'own', MODE: 'asks' });
  const held = await open({}, true);
  expect(held.process.env).toMatchObject({ OWN: 'own', MODE: 'held' });
  for (const place of [free, held]) {
    expect(place.process.env).not.toHaveProperty('CANARY');
    // Commands that it has us run are none of its own.
    expect(place.commandEnvironment).not.toHaveProperty('MODE');
    await place.close();
  }
});

test('files of its own home are there, outlive the folder that a sandbox makes anew, and go with it', async () => {
  const homeFiles = { '.double/settings.json': '{"key": true}' };
  const place = await open({ homeFiles }, true);
  const file = join(place.process.env['HOME'] ?? '', '.double/settings.json');
  expect(readFileSync(file, 'utf8')).toBe('{"key": true}');
  expect(place.process.kept).toEqual([file]);
  await place.close();
  expect(existsSync(file)).toBe(false);
});
