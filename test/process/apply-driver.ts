/**
 * An apply with a commit, or its undoing, in a process of its own, to be killed: JSON of what and where. Says
 * when it begins and when it is done, or what it was refused for.
 */
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock } from '../../src/system/node/node-clock.ts';
import { gitUserTree } from '../../src/workspace/git/git-user-tree.ts';

interface Wish {
  readonly repositoryRoot: string;
  readonly cacheFolder: string;
  readonly journalFolder: string;
  readonly home: string;
  readonly change: { readonly from: string; readonly to: string };
  readonly verb: 'apply' | 'undo';
}

const { verb, change, home, ...places } = JSON.parse(process.argv[2] ?? '') as Wish;
const variables = { PATH: process.env['PATH'], HOME: home };
const userTree = gitUserTree({ ...places, variables, chance: nodeChance, clock: nodeClock });
const say = (what: object): void => {
  process.stdout.write(`${JSON.stringify(what)}\n`);
};

say({ begins: verb });
try {
  if (verb === 'apply') {
    const message = 'Mend it';
    const { id, conflicts } = await userTree.apply({
      change,
      how: 'exact',
      run: 'run1',
      commit: { message },
    });
    say({ done: id ?? 'nothing', conflicts });
  } else {
    await userTree.settle();
    const last = userTree.records().findLast(({ state }) => state !== 'undone');
    const { conflicts } = last === undefined ? { conflicts: [] } : await userTree.undo(last.id);
    say({ done: last?.id ?? 'nothing', conflicts });
  }
} catch (error) {
  const { message, notes, hint } = error as Error & { notes?: readonly string[]; hint?: string };
  say({ refused: message, notes, hint });
}
