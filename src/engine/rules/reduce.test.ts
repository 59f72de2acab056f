import { describe, expect, test } from 'vitest';
import type { NodeDocument } from '../../workflow/document.ts';
import { command, testRun } from '../test-run.ts';

const branches: NodeDocument = {
  kind: 'branch_set',
  id: 'b',
  children: [command('x'), command('y')],
};
const tolerant = (...nodes: NodeDocument[]): NodeDocument[] => [
  { kind: 'sequence', id: 's', onFailure: 'continue', children: [branches, ...nodes] },
];

describe('reduce', () => {
  const reduce: NodeDocument = {
    kind: 'reduce',
    id: 'sum',
    inputs: ['x', 'y'],
    task: { type: 'model', prompt: 'put together' },
  };

  test('takes outcomes as they are, and names what gave nothing', () => {
    const run = testRun(tolerant(reduce)).fail('s/b/x').finish('s/b/y').finish('s/sum/$reduce');
    expect(run.said()).toMatchInlineSnapshot(`
      "start s
      start s/b
      ask s/b/x#1 in /@c0
      ask s/b/y#1 in /@c0
      end s/b degraded = {s/b/y}
      start s/sum
      ask s/sum/$reduce#1
      end s/sum succeeded = s/sum/$reduce
      end s degraded = s/sum
      end / degraded = s
      run degraded = s"
    `);
    const request = run.trace.find((event) => 'path' in event && event.path === 's/sum/$reduce');
    expect(request).toMatchObject({ inputs: { x: null, y: { path: 's/b/y' } } });
  });

  test('fails when nothing succeeded', () => {
    const run = testRun(tolerant(reduce)).fail('s/b/x').fail('s/b/y');
    expect(run.said()).toContain('end s/sum failed no_candidate: none of 2 inputs succeeded');
  });

  test('fails as its reducer does', () => {
    const run = testRun(tolerant(reduce)).finish('s/b/x').finish('s/b/y');
    run.fail('s/sum/$reduce', 'refused');
    expect(run.said()).toContain('end s/sum failed refused: $reduce: refused of s/sum/$reduce');
  });
});

describe('teacher_review', () => {
  const review: NodeDocument = { kind: 'teacher_review', id: 'learn', candidates: ['x', 'y'] };

  test('asks the teacher over the finished subtrees of its candidates', () => {
    const run = testRun(tolerant(review)).fail('s/b/x').finish('s/b/y');
    run.finish('s/learn/$teacher', { lessons: [] });
    expect(run.said()).toMatchInlineSnapshot(`
      "start s
      start s/b
      ask s/b/x#1 in /@c0
      ask s/b/y#1 in /@c0
      end s/b degraded = {s/b/y}
      start s/learn
      ask s/learn/$teacher#1
      end s/learn succeeded = s/learn/$teacher
      end s degraded = s/learn
      end / degraded = s
      run degraded = s"
    `);
    const request = run.trace.find((event) => 'path' in event && event.path === 's/learn/$teacher');
    expect(request).toMatchObject({ inputs: { x: { subtree: 's/b/x' }, y: { subtree: 's/b/y' } } });
  });

  test('fails when no candidate succeeded', () => {
    const run = testRun(tolerant(review)).fail('s/b/x').fail('s/b/y');
    expect(run.said()).toContain('end s/learn failed no_candidate: none of 2 candidates succeeded');
  });
});
