/** The one gate: whatever wrote it, a workflow runs only as a spec that came out of here. */
import type { Diagnostic, Span } from '../base/diagnostic.ts';
import { workflowDocumentSchema } from './document-schema.ts';
import type { Budget, Permissions } from './limits.ts';
import { DEFAULT_MAX_DEPTH } from './parse/defaults.ts';
import { normalise } from './parse/normalise.ts';
import type { WorkflowSpec } from './workflow-spec.ts';

/** Where a value of the document stands in the source: its key, or the value itself. */
export type Locate = (
  path: readonly (string | number)[],
  part: 'key' | 'value',
) => Span | undefined;

export interface ParseOptions {
  /** What the host allows at most, whatever the workflow says. */
  readonly ceilings?: { readonly budget?: Budget; readonly permissions?: Permissions };
  readonly maxPopulation?: number;
  readonly maxDepth?: number;
}

export type ParseResult =
  | { readonly spec: WorkflowSpec; readonly warnings: readonly Diagnostic[] }
  | { readonly diagnostics: readonly Diagnostic[] };

export function parseWorkflow(
  document: unknown,
  locate: Locate = () => undefined,
  options: ParseOptions = {},
): ParseResult {
  const structure = workflowDocumentSchema.safeParse(document);
  if (!structure.success) {
    return {
      diagnostics: structure.error.issues.map((issue) => {
        const span = locate(issue.path as (string | number)[], 'value');
        return {
          code: 'WF1004',
          severity: 'error',
          message: issue.message,
          ...(span === undefined ? {} : { span }),
        };
      }),
    };
  }
  const { spec } = normalise(structure.data, options.maxDepth ?? DEFAULT_MAX_DEPTH);
  return { spec, warnings: [] };
}
