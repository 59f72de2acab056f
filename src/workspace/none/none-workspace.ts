import { realpath } from 'node:fs/promises';
import { WhaleFlowError } from '../../base/errors.ts';
import type { Workspace } from '../workspace.ts';

/**
 * The workspace of a folder without git: its one tree is the folder itself, which only leaves that write
 * nothing may open. There are no commits; what would need one fails with WF6001.
 */
export function noneWorkspace({ folder }: { readonly folder: string }): Workspace {
  const refuse = (what: string) =>
    new WhaleFlowError('WF6001', `${what} needs git, and ${folder} is in no repository`, {
      hint: 'git init, then commit once',
    });
  return {
    kind: 'none',
    async base(request) {
      if (request.ref !== undefined) throw refuse(`the base "${request.ref}"`);
      return { commit: '', head: '', uncommitted: 0 };
    },
    async open(request) {
      if (request.commit !== '') throw refuse(`the commit "${request.commit}"`);
      const root = await realpath(folder);
      return { root, commit: '', isThere: async () => true, release: async () => {} };
    },
    async capture() {
      return { commit: '', files: [], patch: new Uint8Array(), outOfScope: [] };
    },
    async preview() {
      return { commit: '', patch: new Uint8Array() };
    },
    async keep() {
      return { base: '', commit: '', outOfScope: [] };
    },
    async restore(_tree, { from, to }) {
      if (from !== to) throw refuse('a commit');
    },
    async merge() {
      throw refuse('a merge');
    },
    async graft() {
      throw refuse('a graft');
    },
    async changes(from, to) {
      if (from !== to) throw refuse('a comparison');
      return [];
    },
    async diff(from, to) {
      if (from !== to) throw refuse('a diff');
      return new Uint8Array();
    },
    async fullDisk() {
      return undefined;
    },
    async retire() {},
    async forget() {},
  };
}
