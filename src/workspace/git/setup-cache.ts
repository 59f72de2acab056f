/**
 * What an installation has left, kept for all trees whose lockfiles are the same: `setups/REPOSITORY/KEY`
 * in the cache, with the folders below `files` and a record beside them. It can be deleted at any time: the
 * next run makes it again.
 */
import { createHash } from 'node:crypto';
import {
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WhaleFlowError } from '../../base/errors.ts';
import type { LinkedFolder } from '../linked-folder.ts';
import { openCheckoutPool } from './checkout-pool.ts';
import { slotPlace } from './checkout-slot.ts';
import { findLockfiles } from './find-lockfiles.ts';
import { findGitWorld, type GitWorkspaceOptions } from './git-workspace.ts';
import { listProducts } from './list-products.ts';
import type { GitWorld } from './private-git-folder.ts';
import { removeFolder } from './remove-folder.ts';
import { removeStale } from './remove-stale.ts';
import { shortHash } from './short-hash.ts';
import { inSingleFlight } from './single-flight.ts';

export interface SetupRequest {
  readonly commit: string;
  readonly command: string;
  /** What else the result depends on: the platform, the version of Node. */
  readonly platform: string;
  /** Runs the command in a fresh checkout of the commit. @throws where it does not end well. */
  readonly install: (root: string, signal?: AbortSignal) => Promise<void>;
  /** Another process runs it now. */
  readonly onWait?: () => void;
}

export interface Setup {
  readonly key: string;
  readonly lockfiles: readonly string[];
  readonly folders: readonly LinkedFolder[];
  /** 0 where it had been run before. */
  readonly durationMs: number;
}

/** What a setup says of itself. */
interface SetupRecord {
  readonly version: 1;
  readonly command: string;
  readonly platform: string;
  readonly lockfiles: readonly string[];
  readonly commit: string;
  readonly durationMs: number;
  /** Repository paths of what was kept. */
  readonly products: readonly string[];
}

const MAX_KEPT = 8;
const MIN_IDLE_MS = 7 * 24 * 3_600_000;
const RECORD = 'setup.json';

/**
 * Finds or makes what the command leaves; one process at a time makes it, the others take what it made.
 * @throws {WhaleFlowError} WF6008 without a lockfile; what `install` throws; nothing is kept then.
 */
export async function prepareSetup(
  options: GitWorkspaceOptions,
  request: SetupRequest,
  signal?: AbortSignal,
): Promise<Setup> {
  const world = await findGitWorld(options);
  const { paths, digest } = await findLockfiles(world, request.commit);
  if (paths.length === 0) {
    throw new WhaleFlowError('WF6008', `no lockfile says what \`${request.command}\` installs`, {
      hint: 'commit one (package-lock.json, uv.lock, Cargo.lock, …), or have a leaf install it',
    });
  }
  const { command, platform } = request;
  const key = createHash('sha256')
    .update(JSON.stringify([command, platform, digest]))
    .digest('hex');
  const home = join(options.cacheFolder, 'setups', shortHash(world.repository.commonFolder));
  const folder = join(home, key.slice(0, 16));
  const found = async (durationMs: number): Promise<Setup | undefined> => {
    const record = await readRecord(folder);
    if (record === undefined) return undefined;
    const now = new Date();
    await utimes(join(folder, RECORD), now, now);
    const real = await realpath(folder);
    const folders = record.products.map((path) => ({ path, target: join(real, 'files', path) }));
    return { key: key.slice(0, 16), lockfiles: record.lockfiles, folders, durationMs };
  };
  const known = await found(0);
  if (known !== undefined) return known;
  const flight = {
    file: `${folder}.lock`,
    newName: world.newName,
    ...(request.onWait === undefined ? {} : { onWait: request.onWait }),
  };
  return inSingleFlight(
    flight,
    async () => {
      const meanwhile = await found(0);
      if (meanwhile !== undefined) return meanwhile;
      const young = `${folder}.${world.newName()}`;
      try {
        const { durationMs } = await make(world, { ...request, young, lockfiles: paths }, signal);
        await rename(young, folder).catch(() => {});
        await dropOld(home, folder);
        const made = await found(durationMs);
        if (made !== undefined) return made;
        throw new WhaleFlowError('WF6008', `what \`${command}\` left could not be kept`);
      } finally {
        await removeFolder(young);
      }
    },
    signal,
  );
}

interface Making extends SetupRequest {
  readonly young: string;
  readonly lockfiles: readonly string[];
}

async function make(
  world: GitWorld,
  { commit, command, platform, install, young, lockfiles }: Making,
  signal?: AbortSignal,
): Promise<SetupRecord> {
  // Nothing of it is to be used again by others: what an installation leaves may be anything.
  const pool = openCheckoutPool(world, { checkouts: 0, files: 0 });
  const slot = await pool.checkOut({ commit, slot: undefined }, signal);
  try {
    const begun = performance.now();
    await install(slot.root, signal);
    const durationMs = Math.max(1, Math.round(performance.now() - begun));
    const products = await listProducts(world.runGit, slotPlace(world, slot), signal);
    for (const path of products) {
      const target = join(young, 'files', path);
      await mkdir(dirname(target), { recursive: true });
      await rename(join(slot.root, path), target);
    }
    const about = {
      version: 1,
      command,
      platform,
      lockfiles,
      commit,
      durationMs,
      products,
    } as const;
    await mkdir(young, { recursive: true });
    await writeFile(join(young, RECORD), `${JSON.stringify(about, null, 2)}\n`);
    return about;
  } finally {
    await pool.giveBack(slot);
  }
}

async function readRecord(folder: string): Promise<SetupRecord | undefined> {
  const text = await readFile(join(folder, RECORD), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as SetupRecord);
}

/** The last used stay, and whatever a run may be using still. */
async function dropOld(home: string, mine: string): Promise<void> {
  // Half-made ones have a dot in their names.
  await removeStale(home, (name) => name.includes('.') && !name.endsWith('.lock'));
  const folders = (await readdir(home)).map((name) => join(home, name));
  const used = await Promise.all(
    folders.map(async (folder) => ({
      folder,
      at: (await stat(join(folder, RECORD)).catch(() => undefined))?.mtimeMs,
    })),
  );
  const known = used.flatMap(({ folder, at }) => (at === undefined ? [] : [{ folder, at }]));
  const oldest = known.toSorted((a, b) => b.at - a.at).slice(MAX_KEPT);
  for (const { folder, at } of oldest) {
    if (folder !== mine && Date.now() - at > MIN_IDLE_MS) await removeFolder(folder);
  }
}
