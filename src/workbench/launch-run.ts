/** From a prepared run to a run in the store, and a driver for it. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { VERSION } from '../base/version.ts';
import { type DriveEnd, drive } from '../engine/drive.ts';
import { reuseFrom } from '../engine/fork.ts';
import type { Reuse } from '../engine/reuse.ts';
import { startRun } from '../engine/start-run.ts';
import { endLeftovers } from '../sandbox/none/end-leftovers.ts';
import type { Leftovers } from '../sandbox/process-mark.ts';
import type { Sandbox, SandboxLevel } from '../sandbox/sandbox.ts';
import { randomId } from '../system/chance.ts';
import { type Blob, type ContentRef, DigestedBlob } from '../trace/content.ts';
import type { Fact } from '../trace/events.ts';
import { RULES_VERSION } from '../trace/events.ts';
import { isHeldBy } from '../trace/lease-rule.ts';
import type { Consent, Lineage, RunBase, RunConfig } from '../trace/run-terms.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { recordedAgents } from './agents/recorded-agents.ts';
import { catchStrays } from './catch-strays.ts';
import { checkBase } from './check-base.ts';
import type { Dependencies } from './dependencies.ts';
import { leaseOptions } from './driver-process.ts';
import { knownSecrets } from './known-secrets.ts';
import { recordedMcp } from './mcp/recorded-mcp.ts';
import { openSandbox } from './open-sandbox.ts';
import type { PreparedRun } from './prepare-run.ts';
import { recordedModels } from './recorded-models.ts';
import { standingAnswersOf } from './standing-answers.ts';
import { trustObstacle } from './trust.ts';
import { wiringNamed } from './wiring.ts';
import type { Workbench } from './workbench.ts';

export interface LaunchRequest {
  readonly consent: Consent;
  readonly lineage?: Lineage;
  readonly name?: string;
  readonly seed?: number;
  /** `--base REF`: leave uncommitted work out and start from this commit. */
  readonly base?: string;
  /** Gets a line while something takes long. */
  readonly tell?: (line: string) => void;
  /** A base that is taken over from another run. */
  readonly sameBase?: RunBase;
}

const RUN_ID_LENGTH = 12;
/** Nobody else’s by chance: what carries it is ended. */
const MARK_LENGTH = 20;

/**
 * Makes the run in the store; this process holds its lease afterwards.
 * @throws {WhaleFlowError} WF2002 a name that is taken; WF6001–WF6003 when no base can be taken; WF7003–WF7005.
 */
export async function createRun(
  workbench: Workbench,
  prepared: PreparedRun,
  request: LaunchRequest,
): Promise<string> {
  const { chance, clock, holder } = workbench;
  const run = randomId(chance, RUN_ID_LENGTH);
  const { compiled, params, config, wiring, needsBase } = prepared;
  if (request.name !== undefined) checkName(workbench.store('create'), request.name);
  if (request.base !== undefined) await checkBase(workbench, request.base);
  const base =
    request.sameBase ??
    (needsBase
      ? await wiring.world.workspace.base({
          run,
          ...(request.base === undefined ? {} : { ref: request.base }),
        })
      : undefined);
  const dependencies = await dependenciesOf(workbench, {
    config,
    base,
    tell: request.tell,
    sandbox: wiring.world.sandbox,
  });
  const blobs = new Map<string, Blob>();
  const keep = (text: string): ContentRef => {
    const blob = new DigestedBlob(text, 'text');
    blobs.set(blob.ref.digest, blob);
    return blob.ref;
  };
  if (prepared.fixture !== undefined) keep(prepared.fixture);
  for (const { files } of prepared.skills) for (const text of files.values()) keep(text);
  const source =
    compiled.text === undefined
      ? compiled.source
      : { ...compiled.source, text: keep(compiled.text) };
  await startRun(
    workbench.store('create'),
    {
      run,
      holder,
      started: {
        type: 'run.started',
        spec: compiled.spec,
        source,
        sourceMap: compiled.sourceMap,
        params,
        seed: request.seed ?? 0,
        config:
          dependencies === undefined ? config : { ...config, workspace: dependencies.recorded },
        ...(base === undefined ? {} : { base }),
        consent: request.consent,
        lineage: request.lineage ?? { mode: 'live' },
        ...(request.name === undefined ? {} : { name: request.name }),
        rulesVersion: RULES_VERSION,
      },
      blobs: [...blobs.values()],
    },
    clock,
  );
  return run;
}

/** A name means one run: what an address names must not change under the person who types it. */
function checkName(store: TraceStore, name: string): void {
  if (!/^[^\s/#@-][^\s/#]{0,63}$/.test(name)) {
    throw new WhaleFlowError('WF2002', `--name ${JSON.stringify(name)} could not be typed again`, {
      hint: 'take up to 64 characters without white space, / and #, not beginning with @ or -',
    });
  }
  const taken = store.runs().find((row) => row.name === name);
  if (taken === undefined) return;
  throw new WhaleFlowError('WF2002', `the name ${name} is taken by ${taken.run}`, {
    notes: [`${taken.run}  ${taken.workflow}  ${taken.state}`],
    hint: `take another name, or delete that run: whaleflow rm ${taken.run}`,
  });
}

/** What a driver is told beyond what the run has recorded. */
export interface DriveOrder {
  /** Facts to begin with: a raised budget, the end of a pause. */
  readonly first?: readonly Fact[];
  /** In place of the recorded level. */
  readonly sandbox?: SandboxLevel;
  /** What was accepted for it, in place of what was accepted at the start. */
  readonly consent?: Consent;
}

/** Starts a detached driver process for a run; it takes the lease itself. */
export async function spawnDriver(
  workbench: Workbench,
  run: string,
  order: DriveOrder = {},
): Promise<number | undefined> {
  const { places, env, set } = workbench;
  const store = workbench.store('write');
  const lease = store.lease(run);
  if (lease !== undefined && isHeldBy(lease, workbench.holder))
    await store.release(run, lease.epoch);
  const folder = join(places.stateFolder, 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = openSync(join(folder, `${run}.log`), 'a', 0o600);
  const entry = process.argv[1] ?? '';
  const words = ['drive', run, '--state-dir', places.stateFolder, '-C', places.root];
  const told = Object.keys(order).length === 0 ? [] : ['--order', JSON.stringify(order)];
  // All else that it needs of the settings is in the record.
  const machine = set.filter((word) => word.startsWith('concurrency.machine'));
  const settings = machine.flatMap((word) => ['--set', word]);
  const argv = [...process.execArgv, entry, ...words, ...settings, ...told];
  const child = spawn(process.execPath, argv, {
    cwd: places.root,
    detached: true,
    stdio: ['ignore', 'ignore', log],
    env: env as NodeJS.ProcessEnv,
  });
  closeSync(log);
  child.unref();
  return child.pid;
}

/**
 * Drives a run in this process until it ends, stops or waits.
 * @throws {WhaleFlowError} WF2008 where its hooks no longer count; WF4004 without the recorded sandbox; WF5005 when another process drives it; WF5006
 * when something failed that nobody caught and that no leaf began; what the store throws.
 */
export async function driveRun(
  workbench: Workbench,
  run: string,
  signal: AbortSignal,
  { first = [], sandbox: level, consent }: DriveOrder = {},
): Promise<DriveEnd> {
  const { clock, timers, chance, holder } = workbench;
  const store = workbench.store('write');
  const [started] = store.read(run, 0, 1);
  if (started?.type !== 'run.started') throw new Error(`${run} has no run.started`);
  const { config, lineage, base } = started;
  const unguarded = config.wiring.startsWith('mock') ? undefined : trustObstacle(workbench.places);
  if (unguarded !== undefined) throw unguarded;
  const sandbox = await openSandbox(workbench, level ?? config.sandbox);
  const dependencies = await dependenciesOf(workbench, { config, base, sandbox }, signal);
  const held = store.lease(run);
  const { epoch } =
    held !== undefined && isHeldBy(held, holder)
      ? held
      : await store.acquire(run, holder, leaseOptions(clock));
  const models = await recordedModels(workbench, started);
  const agents = await recordedAgents(workbench, started);
  const mcp = await recordedMcp(workbench, config.mcp);
  const readContent = (digest: string): Uint8Array | undefined => store.blob(digest);
  const links = dependencies === undefined ? {} : { links: dependencies.links };
  const { conceal, learn } = knownSecrets(workbench, models, mcp);
  const wired = {
    name: config.wiring,
    models,
    agents,
    mcp,
    readContent,
    sandbox,
    learnSecret: learn,
    ...links,
  };
  const wiring = await wiringNamed(workbench, wired);
  const reuse = reuseOf(workbench, lineage);
  const versions = { whaleflow: VERSION, node: process.version, ...wallsOf(sandbox) };
  using strays = catchStrays();
  try {
    const driving = drive(
      {
        run,
        epoch,
        driver: {
          pid: process.pid,
          host: hostname(),
          versions,
          mark: randomId(chance, MARK_LENGTH),
          ...(level === undefined || level === 'in-process' ? {} : { sandbox: level }),
          ...(consent === undefined ? {} : { consent }),
        },
        endLeftovers: (left) => endLeftovers(left, { clock, timers, ...graceFor(left) }),
        store,
        clock,
        timers,
        world: wiring.world,
        first,
        standing: standingAnswersOf(workbench, started),
        strays,
        ...(reuse === undefined ? {} : { reuse }),
        ...(conceal === undefined ? {} : { conceal }),
      },
      signal,
    );
    const end = await Promise.race([driving, strays.nobodys]);
    await wiring.world.workspace.retire(run);
    return end;
  } finally {
    await wiring.close();
    await store.release(run, epoch).catch(() => {});
  }
}

/** An attempt that is given up has had its grace. */
function graceFor({ leaf }: Leftovers): { readonly graceMs?: number } {
  return leaf === undefined ? {} : { graceMs: 0 };
}

/** A record of what confined its commands, to tell later what could not. */
function wallsOf({ identity }: Sandbox): Readonly<Record<string, string>> {
  if (identity === undefined) return {};
  const { program, version, profile } = identity;
  return { [program]: version, sandbox_profile: profile };
}

interface DependenciesWanted {
  readonly config: RunConfig;
  readonly base: RunBase | undefined;
  readonly sandbox: Sandbox;
  readonly tell?: ((line: string) => void) | undefined;
}

/** Loaded for runs that have any. */
async function dependenciesOf(
  workbench: Workbench,
  { config, base, sandbox, tell }: DependenciesWanted,
  signal?: AbortSignal,
): Promise<Dependencies | undefined> {
  const wanted = config.workspace;
  if (wanted === undefined || base === undefined || base.commit === '') return undefined;
  const { prepareDependencies } = await import('./dependencies.ts');
  const told = tell === undefined ? {} : { tell };
  const request = { wanted, commit: base.commit, sandbox, ...told };
  return prepareDependencies(workbench, request, signal);
}

function reuseOf(workbench: Workbench, lineage: Lineage): Reuse | undefined {
  if (lineage.mode !== 'fork' || lineage.parent === undefined) return undefined;
  if (lineage.isFresh === true) return undefined;
  return reuseFrom(lineage.parent, workbench.store('write').read(lineage.parent, 0));
}
