import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decider } from '../../src/engine/decide.ts';
import { identityParts } from '../../src/engine/leaf-request.ts';
import { RULES_VERSION } from '../../src/trace/events.ts';
import { emptyRunState, planIn, type RunStarted } from '../../src/trace/run-state.ts';
import { digestJson } from '../../src/workflow/digest.ts';
import { parseWorkflow } from '../../src/workflow/parse-workflow.ts';
import { planNodeAt } from '../../src/workflow/plan.ts';
import type { WorkflowSpec } from '../../src/workflow/workflow-spec.ts';
import { workflowDocuments } from '../arbitrary/workflow-document.ts';

/** What of a leaf is the same wherever it stands; the rest comes from what the run recorded. */
const FIXED = [
  ...['task', 'schema', 'permissions', 'mode', 'fileScope', 'skills'],
  ...['modelPolicy', 'route', 'wiring', 'agent'],
];

function started(spec: WorkflowSpec): RunStarted {
  return {
    type: 'run.started',
    spec,
    params: {},
    seed: 0,
    config: {
      concurrency: { model: 100, command: 100 },
      wiring: 'wiring "of" the test',
      sandbox: 'none',
      routes: { leaf_reasoner: 'p m' },
    },
    consent: { by: 'library', commands: [] },
    lineage: { mode: 'live' },
    rulesVersion: RULES_VERSION,
  };
}

test('the digest of a leaf is that of its parts, however its text is put together', () => {
  let leaves = 0;
  void fc.assert(
    fc.property(workflowDocuments({ hasTrees: true }), (document) => {
      const parsed = parseWorkflow(document);
      if (!('spec' in parsed)) return;
      const { state, events } = begin(parsed.spec);
      for (const event of events) {
        if (event.type !== 'leaf.requested') continue;
        const { path, tree, digest } = event;
        const plan = planNodeAt(planIn(state), path);
        if (plan === undefined) throw new Error(`no node at ${path}`);
        const parts = Object.entries(identityParts(state, plan, path, tree?.commit));
        const fixed = parts.filter(([name]) => FIXED.includes(name));
        const dynamic = parts.filter(([name]) => !FIXED.includes(name));
        const whole = {
          ...Object.fromEntries(dynamic),
          fixed: digestJson(Object.fromEntries(fixed)),
        };
        expect(digest).toBe(digestJson(whole).slice(0, 32));
        leaves += 1;
      }
    }),
    { numRuns: 300 },
  );
  expect(leaves).toBeGreaterThan(100);
});

function begin(spec: WorkflowSpec) {
  const decider = new Decider(emptyRunState());
  const events = decider.advance(started(spec), 1_000);
  return { state: decider.state, events };
}
