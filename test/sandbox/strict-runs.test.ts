/** Whole runs in the strict sandbox come to the same end as without it. */
import { describe, expect, test } from 'vitest';
import { makeTestRepository } from '../../src/workspace/git/test-repository.ts';
import { runExample } from '../examples/run-example.ts';
import { openShell } from '../process/shell.ts';
import { canConfine } from './can-confine.ts';

describe.skipIf(!canConfine)('where bubblewrap is installed', () => {
  test('parallel-fix has the same winner, the same ends and a tree', async () => {
    const [free, confined] = await Promise.all([parallelFix(undefined), parallelFix('strict')]);
    expect(confined.output).toMatchObject({ winner: 'careful' });
    expect(confined.ended).toEqual(free.ended);
    expect(confined.tree).toMatch(/^[0-9a-f]{40}$/);
  });

  test('the demo has the same winner, and its replay is identical', () => {
    using shell = openShell();
    const demo = shell.json('demo', '--sandbox', 'strict', '--json') as Record<string, unknown>;
    expect(demo).toMatchObject({ state: 'succeeded', winner: 'a' });
    const place = ['-C', String(demo['folder'])];
    const { out } = shell.whaleflow(...place, 'logs', '@last', '--json');
    const sandboxes = out
      .split('\n')
      .filter((line) => line.includes('"leaf.started"'))
      .map((line) => /"sandbox":"([^"]+)"/.exec(line)?.[1]);
    expect(new Set(sandboxes)).toEqual(new Set(['strict', undefined]));
    expect(shell.whaleflow(...place, 'replay', '@last')).toMatchObject({ exit: 0 });
  });
});

async function parallelFix(sandbox: 'strict' | undefined) {
  const made = await makeTestRepository({ 'src/a.mjs': 'export const a = 1;\n' });
  try {
    const request = { file: 'examples/parallel-fix.star', folder: made.root, home: made.folder };
    return await runExample({ ...request, ...(sandbox === undefined ? {} : { sandbox }) });
  } finally {
    await made.dispose();
  }
}
