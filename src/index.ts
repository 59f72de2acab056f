/** The library. What stands here is public; everything else may change without notice. */

export type { Diagnostic, Span } from './base/diagnostic.ts';
export { WhaleFlowError } from './base/errors.ts';
export type { Json, JsonObject } from './base/json.ts';
export type {
  ModelEvent,
  ModelProvider,
  ModelRequest,
  ModelUsage,
} from './model/model-provider.ts';
export type { TraceEvent } from './trace/events.ts';
export type { Outcome } from './trace/outcome.ts';
export type { TraceStore } from './trace/trace-store.ts';
export { type OpenStoreOptions, openStore } from './workbench/open-store.ts';
export {
  type RunWorkflowOptions,
  runWorkflow,
  type WorkflowResult,
} from './workbench/run-workflow.ts';
export type { WorkflowDocument } from './workflow/document.ts';
export { type ParseResult, parseWorkflow } from './workflow/parse-workflow.ts';
export type { WorkflowSpec } from './workflow/workflow-spec.ts';
