/** The one gate: whatever wrote it, a workflow runs only as a spec that came out of here. */
import type { Diagnostic, Span } from '../base/diagnostic.ts';
import { checkDepth, checkPopulation } from './checks/bounds.ts';
import { checkCandidates } from './checks/candidates.ts';
import { checkFields } from './checks/fields.ts';
import { checkIds } from './checks/ids.ts';
import { type Check, toPlan } from './checks/plan.ts';
import { checkReferences } from './checks/references.ts';
import { checkRights } from './checks/rights.ts';
import { checkSchemas } from './checks/schemas.ts';
import { checkTemplates } from './checks/templates.ts';
import { checkVendors } from './checks/vendors.ts';
import { checkWriters } from './checks/writers.ts';
import type { WorkflowDocument } from './document.ts';
import type { Budget, Permissions } from './limits.ts';
import { DEFAULT_MAX_DEPTH } from './parse/defaults.ts';
import { guardDocument } from './parse/guard.ts';
import { asWritten } from './parse/meant.ts';
import { type Draft, normalise } from './parse/normalise.ts';
import { bySpan, type Problem, toDiagnostic } from './parse/problem.ts';
import { repair } from './parse/repair.ts';
import { checkStructure } from './parse/structure.ts';
import type { WorkflowSpec } from './workflow-spec.ts';

/** Where a value of the document stands in the source: its key, or the value itself. */
export type Locate = (
  path: readonly (string | number)[],
  part: 'key' | 'value',
) => Span | undefined;

export interface ParseOptions {
  /** What the host grants at most, whatever the workflow says. Narrows silently: no error. */
  readonly ceilings?: { readonly budget?: Budget; readonly permissions?: Permissions };
  /** Leaves at most, beside the workflow’s own `budget.maxLeaves`. */
  readonly maxPopulation?: number;
  /** Nested control nodes; 16 where absent. */
  readonly maxDepth?: number;
}

export type ParseResult =
  | {
      readonly spec: WorkflowSpec;
      readonly warnings: readonly Diagnostic[];
      /** Where each authored node stands in the document. */
      readonly places: ReadonlyMap<string, readonly (string | number)[]>;
    }
  | { readonly diagnostics: readonly Diagnostic[] };

/** Every spec that came out of the gate, with whether somebody set what it may cost. */
const passed = new WeakMap<WorkflowSpec, { readonly isCostLimited: boolean }>();

const CHECKS: readonly Check[] = [
  checkIds,
  checkReferences,
  checkTemplates,
  checkFields,
  checkCandidates,
  checkSchemas,
  checkRights,
  checkWriters,
  checkPopulation,
  checkDepth,
  checkVendors,
];

/** Checks everything that can be checked before a run; collects all problems, never throws. */
export function parseWorkflow(
  document: unknown,
  locate: Locate = () => undefined,
  options: ParseOptions = {},
): ParseResult {
  const unsafe = guardDocument(document);
  if (unsafe.length > 0) return { diagnostics: toDiagnostics(unsafe, locate) };
  const structure = checkStructure(document);
  if ('problems' in structure) {
    // Slips in one place are no reason to keep silent about another.
    const repaired = repair(structure);
    const more =
      repaired === undefined
        ? []
        : problemsOf(normalise(repaired.document, limitsOf(options))).filter(
            (problem) => !repaired.isOurs(problem),
          );
    const locateRead: Locate = (at, part) => locate(asWritten(at, structure.readings), part);
    return { diagnostics: toDiagnostics([...structure.problems, ...more], locateRead) };
  }
  const draft = normalise(structure.document, limitsOf(options));
  const diagnostics = toDiagnostics(problemsOf(draft), locate);
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
  // Checks hold the author’s own words against each other; only then the host’s ceilings come down.
  const { spec, entries } =
    options.ceilings === undefined
      ? draft
      : normalise(structure.document, { ...limitsOf(options), ...options.ceilings });
  const places = new Map(entries.map(({ node, at }) => [node.id, at]));
  const limits = [structure.document.budget, options.ceilings?.budget];
  const isCostLimited = limits.some((budget) => budget?.maxCostMicroUsd !== undefined);
  passed.set(spec, { isCostLimited });
  return { spec, warnings: diagnostics, places };
}

/** Says whether a workflow is a spec that came out of `parseWorkflow` in this process; a copy is none. */
export function isParsed(workflow: WorkflowDocument | WorkflowSpec): workflow is WorkflowSpec {
  return passed.has(workflow as WorkflowSpec);
}

/** Says whether the author or the host set a limit of cost; the default of all workflows is none. */
export function isCostLimited(spec: WorkflowSpec): boolean {
  return passed.get(spec)?.isCostLimited ?? true;
}

function problemsOf(draft: Draft): readonly Problem[] {
  const plan = toPlan(draft);
  return CHECKS.flatMap((check) => check(plan));
}

const limitsOf = ({ maxPopulation, maxDepth }: ParseOptions) => ({
  maxDepth: maxDepth ?? DEFAULT_MAX_DEPTH,
  ...(maxPopulation === undefined ? {} : { maxPopulation }),
});

function toDiagnostics(problems: readonly Problem[], locate: Locate): readonly Diagnostic[] {
  return problems.map((problem) => toDiagnostic(problem, locate)).sort(bySpan);
}
