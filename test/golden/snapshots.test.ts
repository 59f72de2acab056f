/**
 * Snapshots outlive the build that made them: a build that folds otherwise, or keeps other parts, has to
 * say so with another `FOLD_VERSION`.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TraceEvent } from '../../src/trace/events.ts';
import { SnapshotFold } from '../../src/trace/fold/snapshot-fold.ts';
import { FOLD_VERSION } from '../../src/trace/snapshot.ts';

const TRACES = ['rules1-seed120', 'rules1-seed14', 'rules1-seed175', 'rules1-seed302'];
const EVERY = 5;

test('another fold of recorded runs is another version of it', () => {
  const digest = createHash('sha256');
  for (const name of TRACES) {
    const text = readFileSync(join(import.meta.dirname, 'traces', `${name}.jsonl`), 'utf8');
    const fold = new SnapshotFold({ of: () => undefined, all: () => [] });
    for (const line of text.trim().split('\n')) {
      fold.see(JSON.parse(line) as TraceEvent);
      if (fold.seq % EVERY === 0) digest.update(JSON.stringify(fold.cut()));
    }
    digest.update(JSON.stringify(fold.cut()));
  }
  expect({ version: FOLD_VERSION, digest: digest.digest('hex') }).toMatchInlineSnapshot(`
    {
      "digest": "a54a5012ea7ca76fa082ac6cdb34d0ac55d34eeb12bac9273dad7265758d5112",
      "version": 9,
    }
  `);
});
