/**
 * A workspace in memory, for tests of what lies above: trees are maps from path to text, merges go by whole
 * files, and a patch is a readable list that no tool applies.
 */
import { createHash } from 'node:crypto';
import { WhaleFlowError } from '../../base/errors.ts';
import { toScopeTest } from '../scope.ts';
import type {
  Capture,
  CaptureRequest,
  ChangedFile,
  MergeRequest,
  MergeResult,
  Tree,
  TreeRequest,
  Workspace,
} from '../workspace.ts';

/** Paths with texts, as a test writes them. */
export type MemoryFiles = Readonly<Record<string, string>>;

export interface MemoryWorkspace extends Workspace {
  write(tree: Tree, path: string, text: string): void;
  remove(tree: Tree, path: string): void;
  read(tree: Tree): MemoryFiles;
  /** Files of a commit. */
  filesOf(commit: string): MemoryFiles;
}

type Files = ReadonlyMap<string, string>;

interface MemoryTree {
  readonly run: string;
  readonly root: string;
  readonly holders: Map<Tree, readonly string[] | undefined>;
  commit: string;
  files: Map<string, string>;
}

export function memoryWorkspace(files: MemoryFiles = {}): MemoryWorkspace {
  const commits = new Map<string, Files>();
  const trees = new Map<string, MemoryTree>();
  const head = addCommit(commits, new Map(Object.entries(files)));

  const filesAt = (commit: string): Files => {
    const found = commits.get(commit);
    if (found === undefined) throw new WhaleFlowError('WF6003', `no commit "${commit}"`);
    return found;
  };
  const treeOf = (tree: Tree): MemoryTree => {
    const found = [...trees.values()].find(({ holders }) => holders.has(tree));
    if (found === undefined)
      throw new WhaleFlowError('WF9001', `the tree ${tree.root} is released`);
    return found;
  };

  const retire = async (run: string): Promise<void> => {
    for (const [key, tree] of trees) if (tree.run === run) trees.delete(key);
  };

  return {
    kind: 'git',
    async base({ ref }) {
      if (ref !== undefined) filesAt(ref);
      return { commit: ref ?? head, head: ref ?? head, branch: 'main', uncommitted: 0 };
    },
    async open(request, signal) {
      signal?.throwIfAborted();
      const key = JSON.stringify([request.run, request.tree]);
      const found = trees.get(key) ?? newMemoryTree(request, trees.size);
      if (found.holders.size === 0) {
        found.files = new Map(filesAt(request.commit));
        found.commit = request.commit;
      }
      trees.set(key, found);
      const tree: Tree = {
        root: found.root,
        commit: found.commit,
        isThere: async () => true,
        release: async () => void found.holders.delete(tree),
      };
      found.holders.set(tree, request.scope);
      return tree;
    },
    async capture(tree, request, signal) {
      signal?.throwIfAborted();
      const found = treeOf(tree);
      const capture = captureFiles(commits, found, tree, request);
      found.commit = capture.commit;
      return capture;
    },
    async preview(tree, request, signal) {
      signal?.throwIfAborted();
      const found = treeOf(tree);
      const looked = { ...found, files: new Map(found.files) };
      const { commit, patch } = captureFiles(commits, looked, tree, request);
      return { commit, patch };
    },
    async keep(tree, request, signal) {
      signal?.throwIfAborted();
      const found = treeOf(tree);
      const looked = { ...found, files: new Map(found.files) };
      const { commit, outOfScope } = captureFiles(commits, looked, tree, request);
      return { base: found.commit, commit, outOfScope };
    },
    async restore(tree, { from, to, scope }, signal) {
      signal?.throwIfAborted();
      const found = treeOf(tree);
      const [before, after] = [filesAt(from), filesAt(to)];
      const own = compare(before, after).filter(({ path }) => toScopeTest(scope)(path));
      for (const { path } of own) setOrDelete(found.files, path, after.get(path));
    },
    async merge(request, signal) {
      signal?.throwIfAborted();
      return mergeFiles(commits, filesAt, request);
    },
    async graft({ onto, from, paths }, signal) {
      signal?.throwIfAborted();
      const [before, theirs] = [filesAt(onto), filesAt(from)];
      const after = new Map(before);
      for (const path of paths) setOrDelete(after, path, theirs.get(path));
      return compare(before, after).length === 0 ? onto : addCommit(commits, after, onto);
    },
    changes: async (from, to) => compare(filesAt(from), filesAt(to)),
    diff: async (from, to) => toPatch(filesAt(from), filesAt(to)),
    async fullDisk() {
      return undefined;
    },
    retire,
    forget: retire,
    write: (tree, path, text) => void treeOf(tree).files.set(path, text),
    remove: (tree, path) => void treeOf(tree).files.delete(path),
    read: (tree) => Object.fromEntries(treeOf(tree).files),
    filesOf: (commit) => Object.fromEntries(filesAt(commit)),
  };
}

function newMemoryTree({ run, commit }: TreeRequest, count: number): MemoryTree {
  return { run, root: `/memory/${count + 1}`, holders: new Map(), commit, files: new Map() };
}

/** Equal files make equal commits, as far as their parent is the same. */
function addCommit(commits: Map<string, Files>, files: Files, parent = ''): string {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([parent, sorted]);
  const commit = createHash('sha256').update(text).digest('hex').slice(0, 40);
  commits.set(commit, new Map(files));
  return commit;
}

function captureFiles(
  commits: Map<string, Files>,
  { commit, files, holders }: MemoryTree,
  tree: Tree,
  request: CaptureRequest,
): Capture {
  const before = commits.get(commit) ?? new Map();
  const others = [...holders].filter(([holder]) => holder !== tree);
  const isOthers = others.map(([, scope]) => toScopeTest(scope));
  const isOwn = toScopeTest(request.scope);
  const after = new Map(before);
  const outOfScope: string[] = [];
  for (const { path } of compare(before, files)) {
    if (isOwn(path)) setOrDelete(after, path, files.get(path));
    else if (!isOthers.some((test) => test(path))) {
      setOrDelete(files, path, before.get(path));
      outOfScope.push(path);
    }
  }
  const changed = compare(before, after);
  if (changed.length === 0) return { commit, files: [], patch: new Uint8Array(), outOfScope };
  const next = addCommit(commits, after, commit);
  return { commit: next, files: changed, patch: toPatch(before, after), outOfScope };
}

function mergeFiles(
  commits: Map<string, Files>,
  filesAt: (commit: string) => Files,
  request: MergeRequest,
): MergeResult {
  const base = filesAt(request.base);
  const start = filesAt(request.into);
  const merged = new Map(start);
  const conflicts: { path: string; source: string }[] = [];
  for (const source of request.sources) {
    const theirs = filesAt(source.commit);
    for (const { path } of compare(base, theirs)) {
      const [before, left, right] = [base.get(path), merged.get(path), theirs.get(path)];
      if (left === right) continue;
      if (left === before) setOrDelete(merged, path, right);
      else {
        const marked = `<<<<<<< before\n${left ?? ''}=======\n${right ?? ''}>>>>>>> ${source.name}\n`;
        merged.set(path, marked);
        conflicts.push({ path, source: source.name });
      }
    }
  }
  if (compare(start, merged).length === 0) return { status: 'merged', commit: request.into };
  const commit = addCommit(commits, merged, request.into);
  return conflicts.length === 0
    ? { status: 'merged', commit }
    : { status: 'conflict', commit, conflicts };
}

function compare(before: Files, after: Files): ChangedFile[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => ({ path, change: !before.has(path) ? 'A' : !after.has(path) ? 'D' : 'M' }));
}

function toPatch(before: Files, after: Files): Uint8Array {
  const lines = compare(before, after).map(
    ({ path, change }) =>
      `${change} ${path}\n-${before.get(path) ?? ''}\n+${after.get(path) ?? ''}\n`,
  );
  return Buffer.from(lines.join(''));
}

function setOrDelete(files: Map<string, string>, path: string, text: string | undefined): void {
  if (text === undefined) files.delete(path);
  else files.set(path, text);
}
