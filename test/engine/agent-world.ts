/**
 * The real loop with a real agent leaf in it: a scripted model, real tools on real files, and real commands,
 * over a store in memory that fails at a chosen append. Trees are folders whose commits are kept in memory.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Json } from '../../src/base/json.ts';
import { type DriveEnd, drive } from '../../src/engine/drive.ts';
import { startRun } from '../../src/engine/start-run.ts';
import { agentRunner } from '../../src/leaf/runners/agent/agent-runner.ts';
import type { ModelEvent, ModelProvider, ModelToolCall } from '../../src/model/model-provider.ts';
import { digestRequest } from '../../src/model/model-request.ts';
import { noneSandbox } from '../../src/sandbox/none/none-sandbox.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { walkingFiles } from '../../src/tool/files/walking-files.ts';
import { RULES_VERSION, type TraceEvent } from '../../src/trace/events.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import { foldRun } from '../../src/trace/read-run.ts';
import type { Command } from '../../src/trace/trace-store.ts';
import { NO_TOKENS } from '../../src/trace/usage.ts';
import type { WorkflowSpec } from '../../src/workflow/workflow-spec.ts';
import { memoryWorkspace } from '../../src/workspace/memory/memory-workspace.ts';
import type { Tree, Workspace } from '../../src/workspace/workspace.ts';
import { CRASH, type Crash, crashing, hasty, nextTurn } from './crashing-store.ts';

/** What the model says in its nth answer of a conversation. */
export type Script = readonly (readonly ModelToolCall[])[];

export interface AgentSetting {
  readonly script: Script;
  /** Name of the model that is asked. */
  readonly model?: string;
  /** What it reads and writes at most in one call. */
  readonly windowTokens?: number;
  /** False: what does its leaf cannot go on with a record. */
  readonly isContinued?: false;
  /** Called before a command runs, with its tree. */
  readonly onCommand?: (command: string, root: string) => void;
  /** Commits that nobody has any more. */
  readonly isGone?: (commit: string) => boolean;
}

export interface AgentWorld extends Disposable {
  /** Requests that were sent although their answer was recorded, and commands that had a recorded result. */
  readonly repeated: readonly string[];
  readonly asked: number;
  readonly commands: readonly string[];
  /** Leaves a word for the driver. */
  send(command: Command): void;
  /** What the agent leaf of the run does from now on. */
  set(parts: Partial<AgentSetting>): void;
  drive(crash?: Crash): Promise<{ readonly end: DriveEnd | 'crashed'; readonly appends: number }>;
  events(): readonly TraceEvent[];
  text(digest: string): string;
  /** How the leaf ended, what it handed over and what it changed. */
  result(): Json;
}

const HOLDER = { pid: 1, host: 'here', bootId: 'boot' };
const RUN = 'r';
/** What hangs ends so; it measures nothing. */
const LIMIT_MS = 100_000;
const FILES = {
  'src/add.txt': 'a minus b\n',
  'readme.txt': 'hello\n',
  'long.txt': 'whale '.repeat(500),
};

export async function agentWorld(first: AgentSetting, spec: WorkflowSpec): Promise<AgentWorld> {
  let setting = first;
  let running = 0;
  let asked = 0;
  const repeated: string[] = [];
  const commands: string[] = [];
  const store = memoryStore();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-agent-crash-')));
  const workspace = folderWorkspace(folder, () => setting);

  const provider: ModelProvider = {
    name: 'scripted',
    async *call(request) {
      asked += 1;
      const digest = digestRequest(request);
      const isKnown = store
        .read(RUN, 0)
        .some(
          (event) =>
            event.type === 'model.called' &&
            event.response !== undefined &&
            event.request.digest === digest,
        );
      if (isKnown) repeated.push(`request ${asked}`);
      const spoken = request.messages.filter(({ role }) => role === 'assistant').length;
      const { script } = setting;
      const toolCalls = script[Math.min(spoken, script.length - 1)] ?? [];
      await nextTurn();
      const tokens = { ...NO_TOKENS, uncached: 10, output: 1 };
      const usage = { tokens, costMicroUsd: 100, costStatus: 'exact' } as const;
      yield { type: 'finished', text: '', toolCalls, usage, model: 'm' } satisfies ModelEvent;
    },
  };
  const real = noneSandbox({ clock: nodeClock, timers: nodeTimers });
  const sandbox: Sandbox = {
    ...real,
    async run(request, signal) {
      const command = request.argv.join(' ');
      const isKnown = store
        .read(RUN, 0)
        .some(
          (event) =>
            event.type === 'tool.called' &&
            event.failure === undefined &&
            new TextDecoder().decode(store.blob(event.input.digest)).includes(command),
        );
      if (isKnown) repeated.push(command);
      commands.push(command);
      setting.onCommand?.(command, request.root);
      return real.run(request, signal);
    },
  };
  let names = 0;
  const runner = agentRunner({
    route() {
      const { model = 'm', windowTokens } = setting;
      const window = windowTokens === undefined ? {} : { windowTokens };
      return { provider, model, estimateCost: () => 1_000, ...window };
    },
    clock: nodeClock,
    timers: hasty,
    chance: { bytes: (length) => new Uint8Array(length) },
    environment: { PATH: process.env['PATH'] },
    temporaryFolder: folder,
    files: (root) => walkingFiles(root, () => `.new-${++names}`),
  });
  const agent: typeof runner = {
    ...runner,
    ...(first.isContinued === false ? { continues: false } : {}),
    async run(job, world, signal) {
      running += 1;
      try {
        return await runner.run(job, world, signal);
      } finally {
        running -= 1;
      }
    },
  };

  await startRun(
    store,
    { run: RUN, started: await started(workspace, spec), holder: HOLDER },
    nodeClock,
  );

  return {
    repeated,
    commands,
    get asked() {
      return asked;
    },
    send: (command) => void store.send(RUN, 'ada', 0, command),
    set: (parts) => {
      setting = { ...setting, ...parts };
    },
    async drive(crash) {
      const { epoch } = await store.acquire(RUN, HOLDER, {
        now: 0,
        staleMs: 0,
        isAlive: () => false,
      });
      const stop = new AbortController();
      const counted = crashing(store, crash, stop);
      const request = {
        run: RUN,
        epoch,
        driver: { pid: 1, host: 'here', versions: {}, mark: 'one' },
        store: counted.store,
        clock: nodeClock,
        timers: hasty,
        world: { runners: { agent }, workspace, sandbox },
      };
      const signals = [stop.signal, AbortSignal.timeout(LIMIT_MS)];
      const end = await drive(request, AbortSignal.any(signals)).catch((error: unknown) => {
        if (error !== CRASH) throw error;
        return 'crashed' as const;
      });
      while (running > 0) await nextTurn();
      await nextTurn();
      return { end, appends: counted.appends() };
    },
    events: () => store.read(RUN, 0),
    text: (digest) => new TextDecoder().decode(store.blob(digest)),
    result() {
      const end = store.read(RUN, 0).findLast((event) => event.type === 'leaf.finished');
      if (end?.type !== 'leaf.finished') return null;
      const output = end.result.output === undefined ? null : store.blob(end.result.output.digest);
      return {
        run: foldRun(store, RUN).finished?.outcome.status ?? null,
        status: end.result.status,
        output: output === null ? null : (JSON.parse(new TextDecoder().decode(output)) as Json),
        patch:
          end.patch === undefined ? null : new TextDecoder().decode(store.blob(end.patch.digest)),
        tree: end.tree?.commit ?? null,
      };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function started(workspace: Workspace, spec: WorkflowSpec) {
  return {
    type: 'run.started',
    spec,
    params: {},
    seed: 1,
    config: { concurrency: { model: 3, command: 2 }, wiring: 'test', sandbox: 'none', routes: {} },
    base: await workspace.base({ run: RUN }),
    consent: { by: 'library', commands: ['*'] },
    lineage: { mode: 'live' },
    rulesVersion: RULES_VERSION,
  } as const;
}

/** The memory workspace, whose trees are folders too. */
function folderWorkspace(folder: string, setting: () => AgentSetting): Workspace {
  const memory = memoryWorkspace(FILES);
  const inner = new Map<Tree, Tree>();
  let count = 0;
  const innerOf = (tree: Tree): Tree => inner.get(tree) ?? tree;
  const toDisk = (tree: Tree): void => {
    rmSync(tree.root, { recursive: true, force: true });
    for (const [path, text] of Object.entries(memory.read(innerOf(tree)))) {
      mkdirSync(dirname(join(tree.root, path)), { recursive: true });
      writeFileSync(join(tree.root, path), text);
    }
  };
  const fromDisk = (tree: Tree): Tree => {
    const own = innerOf(tree);
    const files = filesBelow(tree.root);
    for (const path of Object.keys(memory.read(own)))
      if (!(path in files)) memory.remove(own, path);
    for (const [path, text] of Object.entries(files)) memory.write(own, path, text);
    return own;
  };
  return {
    ...memory,
    async open(request, signal) {
      const own = await memory.open(request, signal);
      count += 1;
      const root = join(folder, `tree-${count}`);
      const isThere = async () => filesBelow(root)['readme.txt'] !== undefined;
      const tree = { ...own, root, isThere };
      inner.set(tree, own);
      toDisk(tree);
      return tree;
    },
    capture: (tree, request, signal) => memory.capture(fromDisk(tree), request, signal),
    preview: (tree, request, signal) => memory.preview(fromDisk(tree), request, signal),
    keep: (tree, request, signal) => memory.keep(fromDisk(tree), request, signal),
    async restore(tree, request, signal) {
      if (setting().isGone?.(request.to) === true) throw new Error(`no commit ${request.to}`);
      await memory.restore(fromDisk(tree), request, signal);
      toDisk(tree);
    },
  };
}

function filesBelow(root: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  try {
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name).slice(root.length + 1);
      if (entry.isFile()) files[path] = readFileSync(join(root, path), 'utf8');
    }
  } catch {
    // Somebody has deleted it.
  }
  return files;
}
