/** A process for tests: in-memory streams, one memory store, drivers in this process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExitStatus } from '../base/error-codes.ts';
import { memoryStore } from '../trace/memory/memory-store.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { type DriveOrder, driveRun } from '../workbench/launch-run.ts';
import type { Workbench } from '../workbench/workbench.ts';
import type { Host, SignalName, TextStream } from './host.ts';
import { main } from './main.ts';

export interface Screen {
  readonly exit: ExitStatus;
  readonly out: string;
  readonly err: string;
  /** Both, with ids, times and clocks replaced by fixed ones. */
  readonly shown: string;
}

export interface TestHostRequest {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What stands on stdin. */
  readonly input?: string;
  /** A terminal of this size on all sides, with a person at it. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** As the command line has it by default: what these tests are about, mostly, is something else. */
  readonly sandbox?: 'default';
  /** What is typed to start us. */
  readonly program?: string;
  /** In place of a driver in this process. */
  readonly startDriver?: (workbench: Workbench, run: string, order: DriveOrder) => Promise<unknown>;
}

export interface TestHost extends Disposable {
  readonly folder: string;
  readonly store: TraceStore;
  run(...argv: string[]): Promise<Screen>;
  /** Presses keys, as soon as somebody listens. */
  press(keys: string): void;
  signal(name: SignalName): void;
  isListening(name: SignalName): boolean;
  /** Processes that were killed. */
  readonly killed: number[];
}

export function testHost(request: TestHostRequest = {}): TestHost {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-cli-'));
  for (const [name, text] of Object.entries(request.files ?? {})) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const sandbox = request.sandbox === 'default' ? {} : { WHALEFLOW_SANDBOX_MODE: 'off' };
  const store = memoryStore();
  const listeners = new Map<string, Set<(key: string) => void>>();
  const killed: number[] = [];
  let waiting = '';
  const listen = (name: string, listener: (key: string) => void): Disposable => {
    const set = listeners.get(name) ?? new Set();
    listeners.set(name, set.add(listener));
    return { [Symbol.dispose]: () => void set.delete(listener) };
  };
  const tell = (name: string, text: string): void => {
    for (const listener of [...(listeners.get(name) ?? [])]) listener(text);
  };
  const streamTo = (chunks: string[]): TextStream => ({
    isTerminal: request.terminal !== undefined,
    size: () => request.terminal,
    write: (text) => void chunks.push(text),
    onResize: () => ({ [Symbol.dispose]() {} }),
  });
  const drivers: Promise<unknown>[] = [];
  const startInProcess = async (
    workbench: Workbench,
    run: string,
    order: DriveOrder,
  ): Promise<void> => {
    const driving = driveRun(workbench, run, new AbortController().signal, order);
    drivers.push(driving.catch(() => {}));
  };
  return {
    folder,
    store,
    killed,
    async run(...argv) {
      const out: string[] = [];
      const err: string[] = [];
      const host: Host = {
        env: { LANG: 'C.UTF-8', HOME: folder, USER: 'ada', ...sandbox, ...request.env },
        cwd: folder,
        program: () => request.program ?? 'whaleflow',
        stdout: streamTo(out),
        stderr: streamTo(err),
        hasInput: request.terminal !== undefined,
        readInput: () => request.input ?? '',
        keys(listener) {
          const opened = listen('key', listener);
          const keys = waiting;
          waiting = '';
          for (const key of keys) listener(key);
          return opened;
        },
        onSignal: (name, listener) => listen(name, listener),
        exit: () => {},
        kill: (pid) => void killed.push(pid),
        openStore: () => store,
        startDriver: request.startDriver ?? startInProcess,
      };
      const exit = await main(argv, host);
      const [said, told] = [out.join(''), err.join('')];
      return { exit, out: said, err: told, shown: settled(store, `${told}${said}`) };
    },
    press(keys) {
      if ((listeners.get('key')?.size ?? 0) === 0) waiting += keys;
      else for (const key of keys) tell('key', key);
    },
    signal: (name) => tell(name, ''),
    isListening: (name) => (listeners.get(name)?.size ?? 0) > 0,
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Fixed names for what differs from run to run; of the same width, so that columns stay. */
function settled(store: TraceStore, text: string): string {
  let fixed = text;
  for (const [at, { run }] of store.runs().toReversed().entries()) {
    const name = `r${at + 1}a${'0'.repeat(9)}`;
    fixed = fixed.replaceAll(run, name).replaceAll(run.slice(0, 4), name.slice(0, 4));
  }
  return fixed
    .replaceAll(/\d\d:\d\d:\d\d/g, '10:03:12')
    .replaceAll(/\d{4}-\d\d-\d\dT10:03:12\.\d{3}Z/g, '2026-11-01T10:03:12.000Z')
    .replaceAll(/\b\d\.\ds/g, '0.1s')
    .replaceAll(/ \ds$/gm, ' 0s')
    .replaceAll(/\b[0-9a-f]{32}\b/g, '0'.repeat(32));
}

/** A folder’s worth of a small workflow with a tournament, and answers for it. */
export const pickFiles: Readonly<Record<string, string>> = {
  'pick.yaml': `id: pick-one
goal: find the better one
nodes:
  - id: plan
    kind: leaf
    task: {type: model, prompt: "Plan it"}
  - id: attempts
    kind: branch_set
    children:
      - id: small
        kind: leaf
        inputs: [plan]
        task: {type: model, prompt: "Small: {{inputs.plan}}"}
        output: {type: object, properties: {score: {type: number}}, required: [score], additionalProperties: false}
      - id: large
        kind: leaf
        inputs: [plan]
        task: {type: model, prompt: "Large: {{inputs.plan}}"}
        output: {type: object, properties: {score: {type: number}}, required: [score], additionalProperties: false}
  - id: best
    kind: tournament
    candidates: [small, large]
    rank: {by: field, field: score}
`,
  'good.yaml': `- {path: plan, answer: "do it", usage: {uncached: 1200, cacheRead: 800, output: 300}, costMicroUsd: 40000}
- {path: attempts/small, json: {score: 0.9}, usage: {uncached: 1000, output: 100}, costMicroUsd: 610000}
- {path: attempts/large, json: {score: 0.4}, usage: {uncached: 2000, output: 500}, costMicroUsd: 980000}
`,
  'bad.yaml': `- {path: plan, fail: {kind: refused, message: "will not plan"}}
`,
  'half.yaml': `- {path: plan, answer: "do it"}
- {path: attempts/small, json: {score: 0.9}}
- {path: attempts/large, fail: {kind: refused, message: "too large"}}
`,
  'slow.yaml': `- {path: plan, answer: "do it", latencyMs: 60000}
`,
};
