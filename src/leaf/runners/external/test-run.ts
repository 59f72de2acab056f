/** Runs an agent of the tests as a leaf: real processes, a run in memory. */
import { tmpdir } from 'node:os';
import { noneSandbox } from '../../../sandbox/none/none-sandbox.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { Timers } from '../../../system/clock.ts';
import { nodeClock, nodeTimers } from '../../../system/node/node-clock.ts';
import { walkingFiles } from '../../../tool/files/walking-files.ts';
import type { Fact } from '../../../trace/events.ts';
import type { ExternalTask } from '../../../workflow/task.ts';
import type { LeafHost } from '../../leaf-host.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { RunnerReport } from '../../leaf-runner.ts';
import { type TestHost, testHost, testJob } from '../../test-host.ts';
import type { ExternalAgent } from './external-agent.ts';
import { externalRunner } from './external-runner.ts';
import type { LineParts } from './proxied-agent.ts';

export type JobParts = NonNullable<Parameters<typeof testJob>[1]>;

export const ALL_RIGHTS = {
  write: true,
  shell: true,
  network: false,
  commands: ['*'],
  tools: [],
  env: [],
} as const;

/** The processes of other test files, which run beside this one, are not ours to end. */
const DRIVER = `external-${process.pid}`;

/** A job for the agent `double`; its prompt says what it does, see `test/external/`. */
export function externalJob(
  steps: readonly object[],
  { node, ...parts }: JobParts = {},
  timeoutMs = 300_000,
): LeafJob<ExternalTask> {
  const prompt = `Do it.\ndouble:${JSON.stringify(steps)}`;
  const rights: Partial<JobParts['node']> = { mode: 'read_write', permissions: ALL_RIGHTS };
  return testJob<ExternalTask>({ type: 'external', agent: 'double', prompt, timeoutMs }, {
    node: { ...rights, ...node },
    ...parts,
  } as never);
}

export interface RunOptions {
  readonly root: string;
  readonly agent: ExternalAgent;
  readonly sandbox?: Sandbox;
  readonly signal?: AbortSignal;
  readonly ask?: LeafHost['ask'];
  readonly line?: LineParts;
  readonly timers?: Timers;
}

export interface Ran {
  readonly report: RunnerReport;
  readonly host: TestHost;
}

export async function runExternal(job: LeafJob<ExternalTask>, options: RunOptions): Promise<Ran> {
  const { root, agent, ask, timers = nodeTimers } = options;
  const plain = testHost();
  const host: TestHost = ask === undefined ? plain : Object.assign(plain, { ask });
  const runner = externalRunner({
    agent: (name) => (name === 'double' ? agent : undefined),
    clock: nodeClock,
    timers,
    files: (folder) => walkingFiles(folder, () => '.whaleflow-test'),
    environment: { PATH: process.env['PATH'] },
    temporaryFolder: tmpdir(),
    ...(options.line === undefined ? {} : { line: options.line }),
  });
  const sandbox = options.sandbox ?? noneSandbox({ clock: nodeClock, timers, graceMs: 200 });
  const marked: Sandbox = {
    ...sandbox,
    run: (request, stop) =>
      sandbox.run({ ...request, mark: { leaf: 'run/leaf#1', driver: DRIVER } }, stop),
  };
  const signal = options.signal ?? new AbortController().signal;
  const report = await runner.run(job, { root, sandbox: marked, host }, signal);
  await new Promise((resolve) => setImmediate(resolve));
  return { report, host };
}

export function factsOf<T extends Fact['type']>(
  host: TestHost,
  type: T,
): readonly Extract<Fact, { readonly type: T }>[] {
  return host.facts.filter(
    (fact): fact is Extract<Fact, { readonly type: T }> => fact.type === type,
  );
}
