/**
 * Merges the trees of finished branches into the tree around them. It works on commits alone; the input
 * `trees` is a list of `{name, commit, base}`, in the order in which they are merged.
 */
import { isJsonObject, type Json } from '../../base/json.ts';
import type { TreeRef } from '../../trace/events.ts';
import { attemptAddress } from '../../workflow/node-path.ts';
import type { MergeTask } from '../../workflow/task.ts';
import type { MergeResult, Workspace } from '../../workspace/workspace.ts';
import { failure, listSome, messageOf } from '../failure.ts';
import type { LeafHost } from '../leaf-host.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { LeafRunner, RunnerReport } from '../leaf-runner.ts';

interface Source {
  readonly name: string;
  readonly commit: string;
  readonly base: string;
}

export function mergeRunner(workspace: Workspace): LeafRunner<MergeTask> {
  return {
    async run(job, { host }, signal) {
      if (job.tree === undefined) {
        return { status: 'failed', failure: failure('sandbox', 'there is no tree to merge into') };
      }
      const sources = sourcesOf(job.inputs['trees']);
      try {
        const result = await mergeAll(job, job.tree, { workspace, sources }, signal);
        recordMerged(job, job.tree, { host, sources, result });
        return toReport(sources, result);
      } catch (thrown) {
        return { status: 'failed', failure: failure('sandbox', messageOf(thrown)) };
      }
    },
  };
}

/** Sources that were forked from one commit go in together; the first conflict ends it. */
async function mergeAll(
  job: LeafJob,
  tree: TreeRef,
  { workspace, sources }: { readonly workspace: Workspace; readonly sources: readonly Source[] },
  signal: AbortSignal,
): Promise<MergeResult> {
  let result: MergeResult = { status: 'merged', commit: tree.commit };
  for (const group of byBase(sources)) {
    const [{ base } = { base: '' }] = group;
    const name = attemptAddress(job.path, job.attempt);
    const request = { run: job.run, into: result.commit, sources: group, base, name };
    result = await workspace.merge(request, signal);
    if (result.status === 'conflict') return result;
  }
  return result;
}

function byBase(sources: readonly Source[]): readonly (readonly Source[])[] {
  const groups: Source[][] = [];
  for (const source of sources) {
    const last = groups.at(-1);
    if (last?.[0]?.base === source.base) last.push(source);
    else groups.push([source]);
  }
  return groups;
}

function recordMerged(
  { path }: LeafJob,
  tree: TreeRef,
  {
    host,
    sources,
    result,
  }: {
    readonly host: LeafHost;
    readonly sources: readonly Source[];
    readonly result: MergeResult;
  },
): void {
  void host.record({
    type: 'tree.merged',
    path,
    into: { key: tree.key, commit: result.commit },
    sources: sources.map(({ name, commit }) => ({ key: name, commit })),
    conflicts: result.status === 'conflict' ? result.conflicts.map((one) => one.path) : [],
  });
}

function toReport(sources: readonly Source[], result: MergeResult): RunnerReport {
  const { commit } = result;
  if (result.status === 'merged') {
    const merged = sources.map(({ name }) => name);
    return { status: 'succeeded', output: { merged, conflicts: [], commit }, commit };
  }
  const conflicts = result.conflicts.map(({ path, source }) => ({ path, source }));
  const names = [...new Set(conflicts.map(({ path }) => path))];
  return {
    status: 'failed',
    failure: failure('merge_conflict', `conflicts in ${listSome(names)}`),
    output: { conflicts, commit },
  };
}

function sourcesOf(trees: Json | undefined): readonly Source[] {
  if (!Array.isArray(trees)) return [];
  return trees.flatMap((tree) => {
    if (!isJsonObject(tree)) return [];
    const { name, commit, base } = tree;
    return typeof name === 'string' && typeof commit === 'string' && typeof base === 'string'
      ? [{ name, commit, base }]
      : [];
  });
}
