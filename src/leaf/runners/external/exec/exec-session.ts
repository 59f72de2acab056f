/**
 * An agent that is a program: a prompt in, words and an exit status out. Each prompt is a process of its
 * own in the same tree; what it remembers between them is its own affair, and we count on nothing.
 */
import { isJsonObject, type Json } from '../../../../base/json.ts';
import type { ProcessReport, Sandbox } from '../../../../sandbox/sandbox.ts';
import type { Clock } from '../../../../system/clock.ts';
import type { Failure } from '../../../../trace/outcome.ts';
import type { ExternalTask } from '../../../../workflow/task.ts';
import { failure } from '../../../failure.ts';
import type { LeafJob } from '../../../leaf-job.ts';
import type { RunnerWorld } from '../../../leaf-runner.ts';
import { confinementHint } from '../../confinement-hint.ts';
import { fullText, latestText, tailText } from '../../stream-text.ts';
import type { AgentPlace } from '../agent-place.ts';
import type { AgentSession, AgentTurn } from '../agent-session.ts';
import type { AgentFormat, ExternalAgent } from '../external-agent.ts';
import { formats } from '../formats/formats.ts';
import { LineReader } from '../line-reader.ts';
import { ToolLog } from '../tool-log.ts';
import { TurnReport } from '../turn-report.ts';
import { execArgv } from './exec-argv.ts';

export interface ExecParts {
  readonly job: LeafJob<ExternalTask>;
  readonly agent: ExternalAgent;
  readonly format: AgentFormat;
  readonly place: AgentPlace;
  readonly world: Pick<RunnerWorld, 'sandbox' | 'host'>;
  /** Where the agent itself is started. */
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  /** What is left of the time of the leaf. */
  readonly timeLeftMs: () => number;
}

/** Bytes of each stream that are kept as they are. */
const MAX_STREAM_BYTES = 1024 * 1024;
const MAX_LIVE_BYTES = 8 * 1024;
/** Of the end of its words, in which the reason for a failure stands. */
const SAID_BYTES = 2 * 1024;

export function execSession(parts: ExecParts): AgentSession {
  return {
    verified: [],
    prompt: (text, signal) => new ExecTurn(parts).run(text, signal),
    close: async () => {},
  };
}

class ExecTurn {
  readonly #parts: ExecParts;
  readonly #report: TurnReport;
  readonly #lines: LineReader;
  /** Ends the process where it prints what nobody can take in. */
  readonly #tooMuch = new AbortController();

  constructor(parts: ExecParts) {
    const { job, world, clock, place, format } = parts;
    this.#parts = parts;
    const { host } = world;
    this.#report = new TurnReport(host, new ToolLog(job, { host, clock, toShown: place.toShown }));
    const read = formats[format];
    this.#lines = new LineReader((line) => {
      const value = parsed(line);
      if (value !== undefined && isJsonObject(value)) read?.(value, this.#report);
    });
  }

  async run(prompt: string, signal: AbortSignal): Promise<AgentTurn> {
    const { job, agent, place, world, sandbox, format, timeLeftMs } = this.#parts;
    const { argv, stdin } = await execArgv(agent, prompt, {
      place,
      isConfined: world.sandbox.level === 'strict',
      isReadOnly: job.node.mode === 'read_only',
    });
    const report = await sandbox.run(
      {
        ...place.process,
        argv,
        timeoutMs: Math.max(1, timeLeftMs()),
        maxOutputBytes: MAX_STREAM_BYTES,
        ...(stdin === undefined ? {} : { stdin: new TextEncoder().encode(stdin) }),
        onOutput: (stream, chunk) => this.#hear(stream, chunk),
      },
      AbortSignal.any([signal, this.#tooMuch.signal]),
    );
    this.#lines.end();
    if (format === 'text') this.#report.ends(place.toShown(fullText(report.stdout)).trim());
    return this.#report.toTurn(this.#whyFailed(report));
  }

  #hear(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    const { format, world } = this.#parts;
    if (format === 'text' || stream === 'stderr') {
      world.host.live({ kind: 'output', text: latestText(chunk, MAX_LIVE_BYTES) });
    } else if (!this.#lines.add(chunk)) this.#tooMuch.abort();
  }

  #whyFailed(report: ProcessReport): Failure | undefined {
    const { job, agent, place, world } = this.#parts;
    const { exitCode, signal, timedOut, spawnError, stderr, stdout } = report;
    if (spawnError !== undefined) {
      return failure('exit', `agent ${agent.name} did not start: ${spawnError}`);
    }
    if (this.#lines.problem !== undefined) {
      return failure('exit', `agent ${agent.name} printed ${this.#lines.problem}`);
    }
    if (timedOut) {
      const limit = `${job.node.task.timeoutMs / 1000} s`;
      return failure('timeout', `agent ${agent.name} was not done after ${limit}`);
    }
    if (report.aborted) return failure('lost', 'aborted while the agent worked');
    if (exitCode === 0) return undefined;
    const how = exitCode === null ? `signal ${signal}` : `status ${exitCode}`;
    const words = [stderr, stdout].map((stream) => place.toShown(tailText(stream, SAID_BYTES)));
    const hint = confinementHint(job, world.sandbox.level, words.join('\n'));
    const said = words.find((text) => text.trim() !== '') ?? 'it said nothing';
    const end = hint === undefined ? said : `${hint} (${said})`;
    return failure('exit', `agent ${agent.name} ended with ${how}: ${end}`);
  }
}

function parsed(line: Uint8Array): Json | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(line)) as Json;
  } catch {
    // Programs print other things in between.
    return undefined;
  }
}
