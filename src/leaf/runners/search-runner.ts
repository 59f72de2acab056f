/** Searches the files of the leaf’s tree for a text: by ripgrep where it is there, else by a walk. */
import { canonicalJson } from '../../model/canonical-json.ts';
import type { Clock } from '../../system/clock.ts';
import type { Failure } from '../../trace/outcome.ts';
import type { SearchTask } from '../../workflow/task.ts';
import type { LinkedFolder } from '../../workspace/linked-folder.ts';
import { failure } from '../failure.ts';
import type { LeafHost } from '../leaf-host.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { LeafRunner, RunnerReport, RunnerWorld } from '../leaf-runner.ts';
import { argumentOf } from './prompt.ts';
import { ripgrepSearch } from './search/ripgrep-search.ts';
import type { SearchQuery, SearchResult } from './search/search-match.ts';
import { searchStarts } from './search/search-starts.ts';
import { walkSearch } from './search/walk-search.ts';

export interface SearchRunnerParts {
  readonly clock: Clock;
  /** Where `rg` is looked for; the built-in walk searches where absent. */
  readonly path?: string;
  /** What trees have beside what git holds. */
  readonly linked?: readonly LinkedFolder[];
}

export function searchRunner({
  clock,
  path,
  linked = [],
}: SearchRunnerParts): LeafRunner<SearchTask> {
  return {
    async run(job, world, signal) {
      const query = queryOf(job);
      const refusal = queryRefusal(query);
      if (refusal !== undefined) return { status: 'failed', failure: refusal };
      if (world.root === undefined) return NO_TREE;
      const started = clock.monotonic();
      const found = await searchTree(query, { ...world, root: world.root, path, linked }, signal);
      const report = signal.aborted ? ABORTED : toReport(found);
      recordSearch(job, world.host, report, { query, latencyMs: clock.monotonic() - started });
      return report;
    },
  };
}

const NO_TREE: RunnerReport = {
  status: 'failed',
  failure: failure('sandbox', 'a search needs a tree, and this run has none'),
};
const ABORTED: RunnerReport = {
  status: 'failed',
  failure: failure('lost', 'ended before the search was done'),
};

function queryOf(job: LeafJob<SearchTask>): SearchQuery {
  const { query, regex, caseSensitive, files, maxMatches } = job.node.task;
  return {
    text: argumentOf(query, job),
    isRegex: regex ?? false,
    caseSensitive: caseSensitive ?? true,
    files: files ?? job.node.fileScope,
    maxMatches,
  };
}

function queryRefusal({ text }: SearchQuery): Failure | undefined {
  if (text === '') return failure('refused', 'the query is empty');
  // Both engines go line by line; ripgrep takes no zero byte.
  if (/[\n\r\0]/.test(text)) return failure('refused', 'the query is more than one line');
  return undefined;
}

export interface SearchedTree extends Pick<RunnerWorld, 'sandbox'> {
  readonly root: string;
  readonly path: string | undefined;
  readonly linked?: readonly LinkedFolder[];
}

/**
 * By ripgrep where `path` has it, else by a walk; a failure where neither can. Linked folders are searched
 * where the globs name them: what is installed would drown everything else.
 */
export async function searchTree(
  query: SearchQuery,
  { root, sandbox, path, linked = [] }: SearchedTree,
  signal: AbortSignal,
): Promise<SearchResult | Failure> {
  const starts = searchStarts(query.files, linked);
  if (path !== undefined) {
    const end = await ripgrepSearch(query, { root, sandbox, path, starts }, signal);
    if (end.status === 'found') return end.result;
    if (end.status === 'refused') return failure('refused', end.message);
  }
  if (query.isRegex) {
    return failure('refused', 'regular expressions need ripgrep (rg), which is not on PATH');
  }
  return walkSearch(root, starts, query, signal);
}

function toReport(found: SearchResult | Failure): RunnerReport {
  return 'kind' in found
    ? { status: 'failed', failure: found }
    : { status: 'succeeded', output: found.toOutput() };
}

function recordSearch(
  { path, attempt }: LeafJob,
  host: LeafHost,
  report: RunnerReport,
  { query, latencyMs }: { readonly query: SearchQuery; readonly latencyMs: number },
): void {
  const { files, ...asked } = query;
  const input = canonicalJson({ ...asked, files: files ?? null });
  const result =
    report.status === 'failed'
      ? { failure: report.failure }
      : { output: host.keep(canonicalJson(report.output), 'json') };
  void host.record({
    type: 'tool.called',
    path,
    attempt,
    tool: 'search',
    input: host.keep(input, 'json'),
    latencyMs: Math.max(0, Math.round(latencyMs)),
    ...result,
  });
}
