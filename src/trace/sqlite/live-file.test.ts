import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LiveRow } from '../trace-store.ts';
import { openScratch, scratchFolder } from './scratch-store.suite.ts';

const row: LiveRow = {
  run: 'run-1',
  path: 'a',
  attempt: 1,
  kind: 'agent',
  startedAt: 1,
  lastActivityAt: 2,
  text: 'thinking',
};

test('live rows are seen by other handles, also after somebody deleted the file', () => {
  const folder = scratchFolder();
  using writer = openScratch(folder);
  using reader = openScratch(folder, 'read');
  expect(reader.live('run-1')).toEqual([]);
  expect(existsSync(join(folder, 'live.db'))).toBe(false);
  for (const text of ['one', 'two']) {
    writer.putLive([{ ...row, text }]);
    expect(reader.live('run-1')).toEqual([{ ...row, text }]);
    rmSync(join(folder, 'live.db'));
    expect(reader.live('run-1')).toEqual([]);
  }
});

test('a damaged live file is silently made anew', () => {
  const folder = scratchFolder();
  using writer = openScratch(folder);
  writer.putLive([row]);
  rmSync(join(folder, 'live.db'));
  writeFileSync(join(folder, 'live.db'), 'no database '.repeat(100));
  expect(writer.live('run-1')).toEqual([]);
  writer.putLive([row]);
  writer.putLive([row]);
  expect(writer.live('run-1')).toEqual([row]);
});

test('a live file that cannot be made does not surface, and a reader makes none', () => {
  const folder = scratchFolder();
  {
    using writer = openScratch(folder);
    rmSync(folder, { recursive: true });
    writer.putLive([row]);
    writer.clearLive('run-1', 'a');
    expect(writer.live('run-1')).toEqual([]);
  }
  using other = openScratch(folder);
  using reader = openScratch(folder, 'read');
  reader.putLive([row]);
  expect(other.live('run-1')).toEqual([]);
  expect(readdirSync(folder)).not.toContain('live.db');
});
