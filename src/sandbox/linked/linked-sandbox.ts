/**
 * A sandbox whose processes see linked folders in every tree. The strict one mounts them read-only; where
 * nothing confines a process, it could write through the link: the folders are looked at before and after,
 * and what it changed is said in the report.
 */
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessRequest, Sandbox } from '../sandbox.ts';
import { changedBelow, snapshotFolder } from './snapshot-folder.ts';

/** `path`: below the root of a tree; `target`: absolute. */
export interface Linked {
  readonly path: string;
  readonly target: string;
}

export function linkedSandbox(sandbox: Sandbox, linked: readonly Linked[]): Sandbox {
  if (linked.length === 0) return sandbox;
  return sandbox.level === 'strict' ? mounting(sandbox, linked) : watching(sandbox, linked);
}

function mounting(sandbox: Sandbox, linked: readonly Linked[]): Sandbox {
  const mountsOf = ({ root }: ProcessRequest) =>
    linked.flatMap(({ path, target }) => {
      const at = join(root, path);
      const isFolder = lstatSync(at, { throwIfNoEntry: false })?.isDirectory() === true;
      // What the commit itself has there stays.
      const isPlace = isFolder && readdirSync(at).length === 0;
      return isPlace && existsSync(target) ? [{ from: target, at }] : [];
    });
  return {
    level: sandbox.level,
    run: (request, signal) => sandbox.run({ ...request, mounts: mountsOf(request) }, signal),
  };
}

/** Paths named in a report at most. */
const MAX_NAMED = 10;

function watching(sandbox: Sandbox, linked: readonly Linked[]): Sandbox {
  return {
    level: sandbox.level,
    async run(request, signal) {
      const before = await Promise.all(linked.map(({ target }) => snapshotFolder(target)));
      const report = await sandbox.run(request, signal);
      const changed: string[] = [];
      for (const [index, { path, target }] of linked.entries()) {
        const now = await snapshotFolder(target);
        changed.push(...changedBelow(path, before[index] ?? new Map(), now));
      }
      return changed.length === 0
        ? report
        : { ...report, wroteLinked: changed.slice(0, MAX_NAMED) };
    },
  };
}
