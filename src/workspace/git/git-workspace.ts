/**
 * The workspace on git. Checkouts come from a pool that all processes of this user share; which of them
 * stands for which tree is known here only, in memory: after a crash the trace says where each tree stood.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, WhaleFlowError } from '../../base/errors.ts';
import { type Chance, randomId } from '../../system/chance.ts';
import type { LinkedFolders } from '../linked-folder.ts';
import { toScopeTest } from '../scope.ts';
import type { CaptureRequest, Tree, TreeRequest, Workspace } from '../workspace.ts';
import { type CaptureContext, captureChanges, previewChanges } from './capture-changes.ts';
import { openCheckoutPool } from './checkout-pool.ts';
import type { CheckoutSlot } from './checkout-slot.ts';
import { listFiles, makePatch } from './compare-commits.ts';
import { dropRefs } from './drop-refs.ts';
import { firstFull } from './full-disk.ts';
import { graftFiles } from './graft-files.ts';
import type { EnvironmentVariables } from './hardened-environment.ts';
import { dropKeeper, type Keeper, keepFiles, restoreFiles } from './keep-files.ts';
import { locateRepository } from './locate-repository.ts';
import { mergeCommits } from './merge-commits.ts';
import { type GitWorld, objectPlace, withGitFolder } from './private-git-folder.ts';
import { createRefWriter } from './ref-writer.ts';
import { readRepositorySettings } from './repository-settings.ts';
import { createRunGit, startGit } from './run-git.ts';
import { createSerial } from './serial.ts';
import { shortHash } from './short-hash.ts';
import { takeBase } from './take-base.ts';

export interface GitWorkspaceOptions {
  /** Any folder inside of the repository. */
  readonly repositoryRoot: string;
  /** The user's cache folder of the product; never inside of the repository. */
  readonly cacheFolder: string;
  readonly chance: Chance;
  /** None when absent. */
  readonly links?: LinkedFolders;
  /** Where `PATH` and `HOME` come from; those of this process when absent. */
  readonly variables?: EnvironmentVariables;
  /** Checkouts kept for the next run: it is ready sooner, and deleting many files slows all that comes after. */
  readonly maxFreeCheckouts?: number;
  /** Files in all of these together. */
  readonly maxFreeFiles?: number;
}

const MAX_FREE_CHECKOUTS = 16;
const MAX_FREE_FILES = 200_000;

/** Asks nothing of the repository until it is used: a run that needs no files needs no repository. */
export function gitWorkspace(options: GitWorkspaceOptions): Workspace {
  const limits = {
    checkouts: options.maxFreeCheckouts ?? MAX_FREE_CHECKOUTS,
    files: options.maxFreeFiles ?? MAX_FREE_FILES,
  };
  const held = new Map<string, HeldTree>();
  /** Trees whose files are for nobody but those who hold them still. */
  const aside = new Set<HeldTree>();
  const trees = new WeakMap<Tree, Holder>();
  const world = remembered(() => findGitWorld(options));
  const pool = remembered(async () => openCheckoutPool(await world(), limits));

  const holderOf = (tree: Tree): Holder => {
    const holder = trees.get(tree);
    assert(holder !== undefined, 'a tree of another workspace');
    return holder;
  };

  /** Its checkout is for nobody else while whoever works in it has not let go; then it is removed. */
  const setAside = (heldTree: HeldTree): void => {
    heldTree.onRelease = () =>
      heldTree.serial(async () => {
        const { slot, holders, retired } = heldTree;
        if (slot === undefined || holders.size + retired.size > 0) return;
        aside.delete(heldTree);
        heldTree.slot = undefined;
        await (await pool()).discard(slot);
      });
    aside.add(heldTree);
  };

  const retire = async (run: string): Promise<void> => {
    for (const [key, heldTree] of held) {
      if (heldTree.run !== run) continue;
      held.delete(key);
      await heldTree.serial(async () => {
        const { slot, holders } = heldTree;
        if ([...holders].some(isAborted)) {
          setAside(heldTree);
          return;
        }
        holders.clear();
        if (slot !== undefined) await (await pool()).giveBack(slot);
        heldTree.slot = undefined;
      });
    }
    for (const heldTree of aside) {
      if (heldTree.run !== run) continue;
      await heldTree.serial(async () => {
        for (const holder of heldTree.holders) heldTree.retired.add(holder);
        heldTree.holders.clear();
      });
    }
  };

  return {
    kind: 'git',
    base: async (request, signal) => takeBase(await world(), request, signal),

    async open(request, signal) {
      const key = JSON.stringify([request.run, request.tree]);
      const before = held.get(key);
      const isLeft = before !== undefined && isLeftBehind(before);
      if (isLeft) setAside(before);
      const heldTree = before === undefined || isLeft ? newHeldTree(request.run) : before;
      held.set(key, heldTree);
      return heldTree.serial(async () => {
        if (heldTree.holders.size === 0) {
          const { commit } = request;
          const { slot } = heldTree;
          // The pool takes it back if this fails.
          heldTree.slot = undefined;
          heldTree.slot = await (await pool()).checkOut({ commit, slot }, signal);
          heldTree.commit = commit;
        }
        const { tree, holder } = hold(heldTree, request, signal);
        trees.set(tree, holder);
        return tree;
      });
    },

    async capture(tree, request, signal) {
      const holder = holderOf(tree);
      const { heldTree } = holder;
      return heldTree.serial(async () => {
        const context = contextOf(holder, request);
        const capture = await captureChanges(await world(), context, request, signal);
        heldTree.commit = capture.commit;
        return capture;
      });
    },

    async preview(tree, request, signal) {
      const holder = holderOf(tree);
      return holder.heldTree.serial(async () =>
        previewChanges(await world(), contextOf(holder, request), request, signal),
      );
    },

    async keep(tree, request, signal) {
      const holder = holderOf(tree);
      return holder.heldTree.serial(async () => {
        const { keeper, index } = holder;
        const context = { ...contextOf(holder, request), keeper, index };
        const result = await keepFiles(await world(), context, request, signal);
        holder.keeper = result.keeper;
        return result.kept;
      });
    },

    async restore(tree, request, signal) {
      const holder = holderOf(tree);
      const { index } = holder;
      return holder.heldTree.serial(async () => {
        const context = { ...contextOf(holder, request), index };
        // What was remembered is of other files.
        holder.keeper = undefined;
        return restoreFiles(await world(), context, request, signal);
      });
    },

    merge: async (request, signal) => mergeCommits(await world(), request, signal),

    graft: async (request, signal) => graftFiles(await world(), request, signal),

    async changes(from, to, signal) {
      const here = await world();
      return withGitFolder(here, (gitFolder) =>
        listFiles(here.runGit, { place: objectPlace(here, gitFolder), from, to }, signal),
      );
    },

    async diff(from, to, signal) {
      const here = await world();
      return withGitFolder(here, (gitFolder) =>
        makePatch(here.runGit, { place: objectPlace(here, gitFolder), from, to }, signal),
      );
    },

    async fullDisk() {
      const here = await world().catch(() => undefined);
      const { commonFolder = options.repositoryRoot } = here?.repository ?? {};
      return firstFull([options.cacheFolder, commonFolder]);
    },

    retire,

    async forget(run) {
      await retire(run);
      await dropRefs(await world(), run);
    },
  };
}

/** A tree that has a checkout, or is about to get one. */
interface HeldTree {
  readonly run: string;
  readonly serial: <T>(action: () => Promise<T>) => Promise<T>;
  readonly holders: Set<Holder>;
  /** Who held it when its run was retired: they capture no more. */
  readonly retired: Set<Holder>;
  slot: CheckoutSlot | undefined;
  commit: string;
  /** Somebody has let go. */
  onRelease: () => Promise<void>;
}

interface Holder {
  readonly heldTree: HeldTree;
  readonly isInScope: (path: string) => boolean;
  /** Name of an index of its own, and what it remembers. */
  readonly index: string;
  readonly signal: AbortSignal | undefined;
  keeper: Keeper | undefined;
}

/** Held by nobody but leaves that were aborted and have not ended: they may still write. */
function isLeftBehind({ holders }: HeldTree): boolean {
  return holders.size > 0 && [...holders].every(isAborted);
}

const isAborted = ({ signal }: Holder): boolean => signal?.aborted === true;

function contextOf(holder: Holder, { scope }: Pick<CaptureRequest, 'scope'>): CaptureContext {
  const { slot, commit, run, holders } = holder.heldTree;
  assert(slot !== undefined && holders.has(holder), 'capture of a released tree');
  const others = [...holders].filter((other) => other !== holder);
  const isOthers = (path: string) => others.some((other) => other.isInScope(path));
  return { run, slot, commit, isOwn: toScopeTest(scope), isOthers };
}

function newHeldTree(run: string): HeldTree {
  return {
    run,
    serial: createSerial(),
    holders: new Set(),
    retired: new Set(),
    slot: undefined,
    commit: '',
    onRelease: async () => {},
  };
}

function hold(
  heldTree: HeldTree,
  { scope }: TreeRequest,
  signal: AbortSignal | undefined,
): { tree: Tree; holder: Holder } {
  const { slot, commit, holders, retired } = heldTree;
  assert(slot !== undefined, 'a tree without a checkout');
  const index = freeIndex(heldTree);
  const isInScope = toScopeTest(scope);
  const holder: Holder = { heldTree, isInScope, index, signal, keeper: undefined };
  holders.add(holder);
  const release = async () => {
    if (holders.delete(holder) && holder.keeper !== undefined) await dropKeeper(slot, index);
    retired.delete(holder);
    await heldTree.onRelease();
  };
  const { root } = slot;
  const isThere = () => stat(root).then(({ nlink }) => nlink > 0, isNoMissing);
  return { holder, tree: { root, commit, isThere, release } };
}

/** Of a row of names, so that what a kill leaves behind is written over. */
function freeIndex({ holders }: HeldTree): string {
  const taken = new Set([...holders].map(({ index }) => index));
  for (let number = 0; ; number += 1) {
    const index = `kept-${number}.index`;
    if (!taken.has(index)) return index;
  }
}

const isNoMissing = (error: unknown): boolean =>
  !(error instanceof Error && 'code' in error && error.code === 'ENOENT');

export async function findGitWorld(options: GitWorkspaceOptions): Promise<GitWorld> {
  const { repositoryRoot, cacheFolder, chance } = options;
  const repository = await locateRepository(repositoryRoot);
  if (repository === undefined) {
    throw new WhaleFlowError('WF6001', `no git repository holds ${repositoryRoot}`, {
      hint: 'git init, then commit once',
    });
  }
  const variables = options.variables ?? process.env;
  const runGit = createRunGit(variables);
  const settings = await readRepositorySettings(repository, runGit, variables);
  return {
    repository,
    settings,
    runGit,
    writeRef: createRefWriter(() =>
      startGit({ gitFolder: repository.gitFolder }, ['update-ref', '--stdin'], variables),
    ),
    pool: join(cacheFolder, 'worktrees', shortHash(repository.commonFolder)),
    links: options.links ?? { folders: [], as: 'symlink' },
    newName: () => randomId(chance, 12),
  };
}

/** Makes a thing once; after a failure the next call tries again. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => {
    made ??= make();
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
}
