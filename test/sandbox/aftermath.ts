/**
 * What a hostile command leaves behind for those who come after it: git, the file tools, the record, a
 * screen. Numbered as in docs/safety.md. Each is planted by a script in the sandbox, in a real tree.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import {
  makeTestRepository,
  type TestRepository,
} from '../../src/workspace/git/test-repository.ts';
import type { Tree, Workspace } from '../../src/workspace/workspace.ts';

export interface Place {
  readonly repository: TestRepository;
  readonly workspace: Workspace;
  readonly tree: Tree;
  /** A program of the attacker’s has run, or a file of somebody else’s has changed. */
  hasSung(): boolean;
  close(): Promise<void>;
}

export interface Aftermath {
  readonly row: number;
  readonly name: string;
  /** What the user’s repository is like before. */
  readonly prepare?: (place: Place) => void;
  /** Runs in the tree, confined. `$SONG` is where to sing. */
  readonly plant: string;
  /** What we do with a tree afterwards; it may refuse. */
  readonly ours: (place: Place) => Promise<unknown>;
  /** What somebody would do who does not know better: it has to sing, or the attack proves nothing. */
  readonly naive: (place: Place) => void;
}

/** A place for one attack, open to any user. */
export async function openPlace(attack: Aftermath): Promise<Place> {
  const repository = await makeTestRepository({ 'a.txt': 'one\n', 'src/b.txt': 'two\n' });
  const workspace = repository.workspace();
  const song = songOf(repository);
  writeFileSync(song, '');
  const { commit } = await workspace.base({ run: 'run1' });
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  const place: Place = {
    repository,
    workspace,
    tree,
    hasSung: () => !existsSync(song) || readFileSync(song, 'utf8') !== '',
    close: () => repository.dispose(),
  };
  attack.prepare?.(place);
  execFileSync('chmod', ['-R', 'a+rwX', repository.folder]);
  return place;
}

const songOf = ({ folder }: TestRepository): string => join(folder, 'song');

/** Runs a script in the tree of a place; its output. @throws {Error} where it does not get to its end */
export async function plant(place: Place, sandbox: Sandbox, script: string): Promise<string> {
  const { root } = place.tree;
  const report = await sandbox.run(
    {
      argv: ['bash', '-c', `${script}\necho PLANTED`],
      root,
      cwd: root,
      env: { PATH: '/usr/bin:/bin', HOME: '/tmp', SONG: songOf(place.repository) },
      timeoutMs: 30_000,
      maxOutputBytes: 64 * 1024,
      writable: [root],
      scratch: [],
      network: false,
    },
    new AbortController().signal,
  );
  const said = Buffer.concat([report.stdout.head, report.stdout.tail]).toString();
  if (!said.includes('PLANTED')) throw new Error(Buffer.from(report.stderr.head).toString());
  return said;
}

/** Plain git, as somebody types it in the tree. */
function git({ repository, tree }: Place, folder: string, ...words: readonly string[]): void {
  try {
    execFileSync('git', ['-c', 'user.name=U', '-c', 'user.email=u@localhost', ...words], {
      cwd: join(tree.root, folder),
      env: {
        PATH: process.env['PATH'],
        HOME: repository.folder,
        SONG: songOf(repository),
        // The tree may be somebody else’s, which is not the point.
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
      stdio: 'ignore',
    });
  } catch {
    // Only the song counts.
  }
}

/** All that a run does with a tree when its leaf has ended. */
async function takeOver({ workspace, tree }: Place): Promise<void> {
  const { commit } = await workspace.capture(tree, { name: 'leaf#1' });
  await workspace.changes(tree.commit, commit);
  await workspace.diff(tree.commit, commit);
  await tree.release();
  await workspace.open({ run: 'run1', tree: 'other', commit });
}

const singer = (file: string): string =>
  `mkdir -p "$(dirname '${file}')"; printf '#!/bin/sh\\necho x >> %s\\n[ -t 0 ] || cat\\n' "$SONG" > '${file}'; chmod +x '${file}'`;

/** A repository of the attacker’s own below the tree, which sings when git looks at it. */
const nested = [
  singer('sing'),
  'mkdir -p vendor/nested && cd vendor/nested && git init -q . && echo x > x && git add x',
  'git -c user.name=a -c user.email=a@b commit -qm x',
  'git config core.fsmonitor ../../sing && cd ../..',
].join('\n');

export const AFTERMATHS: readonly Aftermath[] = [
  {
    row: 4,
    name: 'a hard link to somebody else’s file',
    prepare: ({ repository, tree }) => linkSync(songOf(repository), join(tree.root, 'src/linked')),
    plant: 'true',
    ours: async ({ workspace, tree }) => workspace.capture(tree, { name: 'leaf#1' }),
    naive: ({ tree }) => writeFileSync(join(tree.root, 'src/linked'), 'written through'),
  },
  {
    row: 33,
    name: 'hooks where the user’s config looks for them (husky)',
    prepare: ({ repository }) => void repository.git('config', 'core.hooksPath', '.husky/_'),
    plant: ['pre-commit', 'post-checkout', 'reference-transaction', 'post-index-change']
      .map((hook) => singer(`.husky/_/${hook}`))
      .join('\n'),
    ours: takeOver,
    naive: (place) => git(place, '', 'commit', '--allow-empty', '-m', 'x'),
  },
  {
    row: 34,
    name: 'attributes that call a filter of the user’s config',
    prepare: ({ repository }) => void repository.git('config', 'filter.tidy.clean', './tidy'),
    plant: `${singer('tidy')}\necho '* filter=tidy' > .gitattributes`,
    ours: takeOver,
    naive: (place) => git(place, '', 'add', '-A'),
  },
  {
    row: 35,
    name: 'a repository inside, with a monitor of files',
    plant: nested,
    ours: takeOver,
    naive: (place) => {
      for (const words of [['add', '-A'], ['status'], ['diff']]) git(place, '', ...words);
    },
  },
  {
    row: 36,
    name: 'the same, with git called in it',
    plant: nested,
    ours: takeOver,
    naive: (place) => git(place, 'vendor/nested', 'status'),
  },
  {
    row: 37,
    name: 'a submodule whose address is a program',
    plant:
      'printf \'[submodule "m"]\\n\\tpath = m\\n\\turl = ext::sh -c echo%% x%% >>%% %s\\n\' "$SONG" > .gitmodules',
    ours: takeOver,
    naive: (place) => {
      const modules = join(place.tree.root, '.gitmodules');
      const words = ['config', '-f', modules, 'submodule.m.url'];
      const url = execFileSync('git', words, { encoding: 'utf8' }).trim();
      git(place, '', '-c', 'protocol.ext.allow=always', 'ls-remote', url);
    },
  },
];
