/** Looks at this machine: what a run needs, each with a line that mends it. */
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { freeBytes } from '../system/free-bytes.ts';
import { locateRepository } from '../workspace/git/locate-repository.ts';
import { createRunGit } from '../workspace/git/run-git.ts';
import type { EffectiveConfig } from './config.ts';
import { shownState } from './liveness.ts';
import { sharedPlaces } from './machine-slots.ts';
import { orphanFindings } from './orphans.ts';
import { isBare } from './places.ts';
import { sandboxFindings } from './sandbox-findings.ts';
import type { Workbench } from './workbench.ts';

export interface Finding {
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'problem';
  readonly found: string;
  /** What to type or do. */
  readonly fix?: string;
}

const MIN_GIT = [2, 38] as const;
const MIN_FREE_BYTES = 200 * 1024 * 1024;

/** Runs every check; changes nothing but what the cache folder holds. */
export async function examine(workbench: Workbench): Promise<readonly Finding[]> {
  const git = await gitFinding(workbench);
  return [
    nodeFinding(),
    git,
    // Without git nothing can be said of a repository, and it has been said why.
    ...(git.found === NO_GIT ? [] : [await repositoryFinding(workbench)]),
    stateFinding(workbench),
    storeFinding(workbench),
    diskFinding(workbench),
    ...(await sandboxFindings(workbench)),
    searchFinding(workbench),
    placesFinding(workbench),
    ...(await mcpFindings(workbench)),
    runsFinding(workbench),
    ...(git.found === NO_GIT ? [] : await orphanFindings(workbench).catch(() => [])),
    shadowFinding(workbench),
  ];
}

function nodeFinding(): Finding {
  const isNew = Number(process.versions.node.split('.')[0]) >= 24;
  const found = `node ${process.versions.node}`;
  if (isNew) return { check: 'node', verdict: 'ok', found };
  return { check: 'node', verdict: 'problem', found, fix: 'install Node 24 or newer' };
}

const NO_GIT = 'no git on the path';

/** What git says in a folder; undefined where it is not there, or fails. */
async function saidByGit(
  { env }: Workbench,
  gitFolder: string,
  args: readonly string[],
): Promise<string | undefined> {
  const runGit = createRunGit({ ...process.env, ...env });
  const answer = await runGit({ place: { gitFolder }, args }).catch(() => undefined);
  return answer?.stdout.toString('utf8');
}

async function gitFinding(workbench: Workbench): Promise<Finding> {
  const check = 'git';
  const said = await saidByGit(workbench, workbench.places.root, ['--version']);
  const version = said?.match(/(\d+)\.(\d+)[\d.]*/) ?? undefined;
  if (version === undefined) {
    return {
      check,
      verdict: 'problem',
      found: NO_GIT,
      fix: 'install git 2.38 or newer',
    };
  }
  const [text, major, minor] = version;
  const isNew = Number(major) > MIN_GIT[0] || Number(minor) >= MIN_GIT[1];
  if (isNew) return { check, verdict: 'ok', found: `git ${text}` };
  return { check, verdict: 'problem', found: `git ${text}`, fix: 'install git 2.38 or newer' };
}

async function repositoryFinding(workbench: Workbench): Promise<Finding> {
  const { places, cwd } = workbench;
  const check = 'repository';
  const fix = 'git init && git add -A && git commit -m start';
  if (!places.hasGit && isBare(places.root)) {
    const found = `${places.root} is a bare repository: only leaves that read can run`;
    return {
      check,
      verdict: 'warning',
      found,
      fix: 'git worktree add ../checkout && cd ../checkout',
    };
  }
  if (!places.hasGit) {
    return {
      check,
      verdict: 'warning',
      found: 'no git repository: only leaves that read can run',
      fix,
    };
  }
  const repository = await locateRepository(cwd).catch(() => undefined);
  const args = ['rev-parse', '--verify', '--quiet', 'HEAD'];
  const head =
    repository === undefined ? undefined : await saidByGit(workbench, repository.gitFolder, args);
  if (head !== undefined) return { check, verdict: 'ok', found: places.root };
  return { check, verdict: 'problem', found: 'no commit yet: worktrees cannot be made', fix };
}

function stateFinding({ places }: Workbench): Finding {
  const check = 'state folder';
  const existing = [places.stateFolder, places.projectFolder, places.root].find(existsSync);
  try {
    accessSync(existing ?? places.root, constants.W_OK);
    return { check, verdict: 'ok', found: places.stateFolder };
  } catch {
    const found = `${places.stateFolder} is not writable`;
    return { check, verdict: 'problem', found, fix: 'use another: --state-dir DIR' };
  }
}

function storeFinding(workbench: Workbench): Finding {
  const check = 'store';
  try {
    const count = workbench.store('read').runs().length;
    return { check, verdict: 'ok', found: count === 1 ? '1 run' : `${count} runs` };
  } catch (error) {
    if (!(error instanceof WhaleFlowError)) throw error;
    if (error.code === 'WF7007') return { check, verdict: 'ok', found: 'none yet' };
    return {
      check,
      verdict: 'problem',
      found: error.message,
      fix: error.hint ?? 'whaleflow verify',
    };
  }
}

function diskFinding({ places }: Workbench): Finding {
  const free = freeBytes(existsSync(places.stateFolder) ? places.stateFolder : places.root);
  if (free === undefined) {
    return { check: 'disk', verdict: 'ok', found: 'its file system does not say what is free' };
  }
  const found = `${Math.round(free / 1024 / 1024)} MB free`;
  if (free >= MIN_FREE_BYTES) return { check: 'disk', verdict: 'ok', found };
  return { check: 'disk', verdict: 'problem', found, fix: 'make room, or use --state-dir DIR' };
}

function searchFinding(workbench: Workbench): Finding {
  const rg = onPath(workbench, 'rg');
  if (rg !== undefined) return { check: 'search', verdict: 'ok', found: rg };
  const found = 'no ripgrep: the built-in search is slower and has no regular expressions';
  return { check: 'search', verdict: 'warning', found, fix: 'install ripgrep' };
}

/** Limits that all runs of the user share, and what they hold of them now. */
function placesFinding(workbench: Workbench): Finding {
  const check = 'machine';
  try {
    const { commands, calls, held } = sharedPlaces(workbench);
    const now = [...held].map(([lane, count]) => `${count} of ${lane}`).join(', ');
    const found = `${commands} commands, ${calls} calls to a provider at once; held now: ${now || 'none'}`;
    return { check, verdict: 'ok', found };
  } catch (error) {
    if (!(error instanceof WhaleFlowError)) throw error;
    return { check, verdict: 'problem', found: error.message, fix: 'whaleflow config path' };
  }
}

/** Only where servers are configured. Starts none. */
async function mcpFindings(workbench: Workbench): Promise<readonly Finding[]> {
  const [{ readConfig }, { listServers }] = await Promise.all([
    import('./config.ts'),
    import('./mcp-servers.ts'),
  ]);
  const { places, env } = workbench;
  let config: EffectiveConfig;
  try {
    config = readConfig({ places, env, set: [] });
  } catch {
    // What is wrong with it is said where it is read.
    return [];
  }
  const isOn = config.features.has('mcp');
  return listServers(workbench, config).map(({ row, state, isReady }): Finding => {
    const check = `mcp ${row.name}`;
    if (!isOn) return { check, verdict: 'ok', found: 'not used: the feature mcp is off' };
    if (isReady) return { check, verdict: 'ok', found: state };
    return { check, verdict: 'warning', found: state, fix: `whaleflow mcp pin ${row.name}` };
  });
}

function runsFinding(workbench: Workbench): Finding {
  const check = 'runs';
  try {
    const store = workbench.store('read');
    const lost = store.runs().filter((row) => shownState(workbench, store, row) === 'lost');
    const [first] = lost;
    if (first === undefined) return { check, verdict: 'ok', found: 'none is lost' };
    const found = `${lost.length} lost their driver`;
    return { check, verdict: 'warning', found, fix: `whaleflow resume ${first.run}` };
  } catch {
    return { check, verdict: 'ok', found: 'none' };
  }
}

function shadowFinding(workbench: Workbench): Finding {
  const own = onPath(workbench, 'wf');
  const main = onPath(workbench, 'whaleflow');
  if (own === undefined || main === undefined || own.replace(/wf$/, 'whaleflow') === main) {
    return { check: 'wf', verdict: 'ok', found: own ?? 'the short name is free, or not set up' };
  }
  return {
    check: 'wf',
    verdict: 'warning',
    found: `${own} is another program`,
    fix: 'type whaleflow',
  };
}

function onPath({ env }: Workbench, name: string): string | undefined {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
