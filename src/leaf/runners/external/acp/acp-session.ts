/**
 * An agent that speaks the Agent Client Protocol: one process, one session in the leaf’s tree, a prompt
 * at a time. The SDK matches answers to questions; what was said, and in which order, is read from the
 * frames themselves.
 */
import { type client, methods, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';
import { VERSION } from '../../../../base/version.ts';
import type { ProcessReport, Sandbox } from '../../../../sandbox/sandbox.ts';
import type { Clock, TimerHandle, Timers } from '../../../../system/clock.ts';
import type { TreeFiles } from '../../../../tool/tree-files.ts';
import type { Failure } from '../../../../trace/outcome.ts';
import type { ExternalTask } from '../../../../workflow/task.ts';
import { failure, messageOf } from '../../../failure.ts';
import type { LeafJob } from '../../../leaf-job.ts';
import type { RunnerWorld } from '../../../leaf-runner.ts';
import type { Verified } from '../../agent/ran-command.ts';
import { confinementHint } from '../../confinement-hint.ts';
import { latestText, tailText } from '../../stream-text.ts';
import type { AgentPlace } from '../agent-place.ts';
import type { AgentSession, AgentTurn } from '../agent-session.ts';
import { execArgv } from '../exec/exec-argv.ts';
import type { ExternalAgent } from '../external-agent.ts';
import { ToolLog } from '../tool-log.ts';
import { TurnReport } from '../turn-report.ts';
import { AcpClient } from './acp-client.ts';
import { type AcpPipe, acpPipe } from './acp-stream.ts';
import { AcpUpdates } from './acp-updates.ts';
import { FrameJournal } from './frame-journal.ts';

export interface AcpParts {
  readonly job: LeafJob<ExternalTask>;
  readonly agent: ExternalAgent;
  readonly place: AgentPlace;
  readonly world: Pick<RunnerWorld, 'sandbox' | 'host'>;
  /** Where the agent itself is started; its commands run in that of the world. */
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly files: (root: string) => TreeFiles;
  /** What is left of the time of the leaf. */
  readonly timeLeftMs: () => number;
}

type Connection = ReturnType<ReturnType<typeof client>['connect']>;

const START_LIMIT_MS = 120_000;
/** Between asking an agent to stop and ending it. */
const CANCEL_GRACE_MS = 2_000;
const MAX_STREAM_BYTES = 64 * 1024;
const MAX_LIVE_BYTES = 8 * 1024;
const SAID_BYTES = 2 * 1024;
const NOT_SIGNED_IN = -32000;
const LONGER_THAN_ANY_LEAF_MS = 2 ** 31 - 1;

export function acpSession(parts: AcpParts): AgentSession {
  return new AcpSession(parts);
}

class AcpSession implements AgentSession {
  readonly #parts: AcpParts;
  readonly #pipe: AcpPipe;
  readonly #journal: FrameJournal;
  readonly #updates = new AcpUpdates();
  readonly #client: AcpClient;
  readonly #kill = new AbortController();
  #ended: Promise<ProcessReport> | undefined;
  #report: ProcessReport | undefined;
  #connection: Connection | undefined;
  #session: string | undefined;
  #why: Failure | undefined;

  constructor(parts: AcpParts) {
    const { job, world, clock, place } = parts;
    const { host } = world;
    this.#parts = parts;
    this.#journal = new FrameJournal({ job, host, clock, toShown: place.toShown });
    this.#client = new AcpClient(parts);
    this.#pipe = acpPipe((from, raw, frame) => {
      this.#journal.add(from, raw);
      if (frame === undefined) return;
      if (from === 'agent') this.#updates.received(frame);
      else this.#updates.sent(frame);
    });
  }

  get verified(): readonly Verified[] {
    return this.#client.verified;
  }

  async prompt(text: string, signal: AbortSignal): Promise<AgentTurn> {
    const { job, agent, world, clock, place } = this.#parts;
    const { host } = world;
    const report = new TurnReport(host, new ToolLog(job, { host, clock, toShown: place.toShown }));
    this.#updates.begin(report);
    this.#client.begin(report, signal);
    using _limits = this.#limits(signal);
    try {
      const { agent: remote } = await this.#connect();
      const sessionId = this.#session ?? (await this.#newSession());
      this.#session = sessionId;
      const { stopReason } = await remote.request(methods.agent.session.prompt, {
        sessionId,
        prompt: [{ type: 'text', text }],
      });
      return report.toTurn(this.#why ?? toFailure(agent.name, stopReason));
    } catch (thrown) {
      return report.toTurn(await this.#whyBroken(thrown));
    } finally {
      this.#journal.flush();
    }
  }

  async close(): Promise<void> {
    this.#kill.abort();
    this.#connection?.close();
    await this.#ended;
    await this.#client.close();
    this.#journal.flush();
  }

  async #connect(): Promise<Connection> {
    if (this.#connection !== undefined) return this.#connection;
    this.#ended = this.#start();
    this.#connection = this.#client.app().connect(this.#pipe.stream);
    await this.#within(
      this.#connection.agent.request(methods.agent.initialize, {
        protocolVersion: PROTOCOL_VERSION,
        clientInfo: { name: 'whaleflow', version: VERSION },
        clientCapabilities: this.#client.capabilities,
      }),
    );
    const { auth: methodId } = this.#parts.agent;
    if (methodId !== undefined) {
      await this.#within(this.#connection.agent.request(methods.agent.authenticate, { methodId }));
    }
    return this.#connection;
  }

  async #newSession(): Promise<string> {
    const { agent } = await this.#connect();
    const { root: cwd } = this.#parts.place.process;
    const { sessionId } = await this.#within(
      agent.request(methods.agent.session.new, { cwd, mcpServers: [] }),
    );
    return sessionId;
  }

  async #start(): Promise<ProcessReport> {
    const { job, agent, place, world, sandbox } = this.#parts;
    const { argv } = await execArgv(agent, '', {
      place,
      isConfined: world.sandbox.level === 'strict',
      isReadOnly: job.node.mode === 'read_only',
    });
    const report = await sandbox.run(
      {
        ...place.process,
        argv,
        // Its time is ours to keep: it is asked to stop before it is ended.
        timeoutMs: LONGER_THAN_ANY_LEAF_MS,
        maxOutputBytes: MAX_STREAM_BYTES,
        input: this.#pipe.input,
        onOutput: (stream, chunk) => this.#hear(stream, chunk),
      },
      this.#kill.signal,
    );
    this.#report = report;
    this.#pipe.end();
    return report;
  }

  #hear(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    if (stream === 'stderr') {
      this.#parts.world.host.live({ kind: 'output', text: latestText(chunk, MAX_LIVE_BYTES) });
    } else if (!this.#pipe.hear(chunk)) this.#kill.abort();
  }

  /** Rejects where the agent is not ready in time. */
  async #within<T>(work: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = this.#parts.timers.after(START_LIMIT_MS, () => {
      late.reject(new Error(`it was not ready after ${START_LIMIT_MS / 1000} s`));
    });
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      timer.cancel();
    }
  }

  /** An abort, or the end of its time: it is asked to stop, and ended when it does not. */
  #limits(signal: AbortSignal): Disposable {
    const { timers, timeLeftMs, job, agent } = this.#parts;
    const pending: TimerHandle[] = [];
    const stop = (why: Failure): void => {
      if (this.#why !== undefined) return;
      this.#why = why;
      const sessionId = this.#session;
      if (sessionId !== undefined) {
        void this.#connection?.agent
          .notify(methods.agent.session.cancel, { sessionId })
          .catch(() => {});
      }
      const graceMs = sessionId === undefined ? 0 : CANCEL_GRACE_MS;
      pending.push(timers.after(graceMs, () => this.#kill.abort()));
    };
    const onAbort = (): void => stop(failure('lost', 'aborted while the agent worked'));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    const limit = `${job.node.task.timeoutMs / 1000} s`;
    pending.push(
      timers.after(Math.max(0, timeLeftMs()), () => {
        stop(failure('timeout', `agent ${agent.name} was not done after ${limit}`));
      }),
    );
    return {
      [Symbol.dispose]() {
        signal.removeEventListener('abort', onAbort);
        for (const timer of pending) timer.cancel();
      },
    };
  }

  async #whyBroken(thrown: unknown): Promise<Failure> {
    const { agent } = this.#parts;
    if (this.#why !== undefined) return this.#why;
    const { problem } = this.#pipe;
    if (problem !== undefined) return failure('exit', `agent ${agent.name} sent ${problem}`);
    const code = (thrown as { readonly code?: unknown }).code;
    if (code === NOT_SIGNED_IN) {
      return failure('refused', `agent ${agent.name} is not signed in: ${messageOf(thrown)}`);
    }
    // An answer that says no is one of a process that lives.
    if (typeof code === 'number') {
      return failure('refused', `agent ${agent.name} refused: ${messageOf(thrown)}`);
    }
    this.#kill.abort();
    const report = this.#report ?? (await this.#ended);
    return report === undefined
      ? failure('internal', messageOf(thrown))
      : this.#whyEnded(report, messageOf(thrown));
  }

  #whyEnded(
    { spawnError, exitCode, aborted, signal, stderr }: ProcessReport,
    said: string,
  ): Failure {
    const { job, agent, place, world } = this.#parts;
    const { name } = agent;
    if (spawnError !== undefined)
      return failure('exit', `agent ${name} did not start: ${spawnError}`);
    if (aborted) return failure('exit', `agent ${name} broke off: ${said}`);
    const how = exitCode === null ? `signal ${signal}` : `status ${exitCode}`;
    const words = place.toShown(tailText(stderr, SAID_BYTES)).trim();
    const hint = confinementHint(job, world.sandbox.level, words);
    const end = hint === undefined ? words || 'it said nothing' : `${hint} (${words})`;
    return failure('exit', `agent ${name} ended with ${how} in the middle: ${end}`);
  }
}

function toFailure(name: string, stopReason: string): Failure | undefined {
  switch (stopReason) {
    case 'end_turn':
      return undefined;
    case 'refusal':
      return failure('refused', `agent ${name} refused the task`);
    case 'max_tokens':
    case 'max_turn_requests':
      return failure('refused', `agent ${name} stopped at a limit of its own: ${stopReason}`);
    default:
      return failure('refused', `agent ${name} stopped: ${stopReason}`);
  }
}
