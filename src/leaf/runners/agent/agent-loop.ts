/**
 * The loop of an agent: ask the model, run the tools that it calls, tell it what came of them, until it
 * finishes. Every call and every answer of a tool is a fact before the next step depends on it. What the
 * model claims and what really ran are kept apart.
 */
import type { Json } from '../../../base/json.ts';
import type {
  ModelRequest,
  ModelRoute,
  ModelToolCall,
  ModelToolResult,
} from '../../../model/model-provider.ts';
import type { Clock } from '../../../system/clock.ts';
import { FINISH, finishInput, type SelfReport } from '../../../tool/finish.ts';
import {
  type CommandAnswer,
  problemsOf,
  refused,
  type Tool,
  type ToolWorld,
} from '../../../tool/tool.ts';
import type { Failure } from '../../../trace/outcome.ts';
import type { ModelCalls } from '../../call/call-chain.ts';
import { failure } from '../../failure.ts';
import type { LeafHost } from '../../leaf-host.ts';
import type { LeafJob } from '../../leaf-job.ts';
import { Conversation } from './conversation.ts';

export interface LoopParts {
  readonly calls: ModelCalls;
  readonly route: ModelRoute;
  readonly tools: readonly Tool[];
  readonly world: ToolWorld;
  readonly host: LeafHost;
  readonly clock: Clock;
  readonly maxTurns: number;
  /** Everything but the conversation. */
  readonly request: Omit<ModelRequest, 'messages'>;
}

/** A command that really ran. */
export interface Verified {
  readonly command: string;
  readonly exitCode: number | null;
}

export interface AgentEnd {
  readonly report?: SelfReport;
  /** The typed result, where the leaf has a schema. */
  readonly result?: Json;
  readonly failure?: Failure;
  readonly verified: readonly Verified[];
}

/** Turns in a row in which the model calls nothing that exists, or with what does not fit. */
const MAX_SLIPS = 3;
/** Calls of one turn that are carried out; the rest is refused. */
const MAX_CALLS_PER_TURN = 32;

const REMINDER = `Go on with a tool, or end your work with ${FINISH}. Text alone does nothing here.`;

export async function agentLoop(
  job: LeafJob,
  task: string,
  parts: LoopParts,
  signal: AbortSignal,
): Promise<AgentEnd> {
  return new AgentLoop(job, task, parts).run(signal);
}

interface Turn {
  readonly results: readonly ModelToolResult[];
  readonly hasSlipped: boolean;
  readonly end?: Pick<AgentEnd, 'report' | 'result'>;
}

class AgentLoop {
  readonly #job: LeafJob;
  readonly #parts: LoopParts;
  readonly #conversation: Conversation;
  readonly #verified: Verified[] = [];
  #slips = 0;

  constructor(job: LeafJob, task: string, parts: LoopParts) {
    this.#job = job;
    this.#parts = parts;
    this.#conversation = new Conversation(task);
  }

  async run(signal: AbortSignal): Promise<AgentEnd> {
    const { calls, route, request, maxTurns } = this.#parts;
    for (let turn = 1; turn <= maxTurns; turn += 1) {
      const asked = this.#conversation.fit(request, route.windowTokens);
      if (asked === undefined) return this.#fail('refused', 'the work no longer fits the model');
      const result = await calls.call(asked, route, signal);
      if (result.status === 'failed') return { failure: result.failure, verified: this.#verified };
      const { text, toolCalls = [] } = result.answer;
      const done = await this.#act(text, toolCalls, signal);
      if (done !== undefined) return { ...done, verified: this.#verified };
      if (signal.aborted) return this.#fail('lost', 'aborted while it worked');
      if (this.#slips > MAX_SLIPS) {
        return this.#fail(
          'schema',
          `the model called no tool rightly ${this.#slips} times in a row`,
        );
      }
    }
    return this.#fail('refused', `not done after ${maxTurns} turns`);
  }

  #fail(kind: Failure['kind'], message: string): AgentEnd {
    return { failure: failure(kind, message), verified: this.#verified };
  }

  async #act(
    text: string,
    toolCalls: readonly ModelToolCall[],
    signal: AbortSignal,
  ): Promise<Turn['end']> {
    if (toolCalls.length === 0) {
      this.#slips += 1;
      this.#conversation.addReminder(text, REMINDER);
      return undefined;
    }
    const turn = await this.#callAll(toolCalls, signal);
    this.#slips = turn.hasSlipped ? this.#slips + 1 : 0;
    this.#conversation.addTurn(text, withUniqueIds(toolCalls), turn.results);
    return turn.end;
  }

  async #callAll(toolCalls: readonly ModelToolCall[], signal: AbortSignal): Promise<Turn> {
    const results: ModelToolResult[] = [];
    let hasSlipped = false;
    let end: Turn['end'];
    for (const [index, call] of withUniqueIds(toolCalls).entries()) {
      const outcome =
        index < MAX_CALLS_PER_TURN
          ? await this.#callOne(call, signal)
          : slip(`more than ${MAX_CALLS_PER_TURN} calls in one turn; this one was not made`);
      hasSlipped ||= outcome.isSlip;
      end ??= outcome.end;
      const { text, isError } = outcome.answer;
      results.push({ id: call.id, name: call.name, text, isError });
    }
    return { results, hasSlipped, ...(end === undefined ? {} : { end }) };
  }

  async #callOne(call: ModelToolCall, signal: AbortSignal): Promise<Called> {
    const input = parseInput(call.input);
    if (input === undefined) return slip(`the input of ${call.name} is no JSON object`);
    if (call.name === FINISH) return this.#finish(input);
    const tool = this.#parts.tools.find(({ name }) => name === call.name);
    if (tool === undefined) {
      const known = this.#parts.tools.map(({ name }) => name).join(', ');
      return slip(`there is no tool ${call.name}; there are ${known}, ${FINISH}`);
    }
    const { host, world, clock } = this.#parts;
    host.live({ kind: 'tool', text: `${tool.name} ${call.input}` });
    const started = clock.monotonic();
    const answer = await tool.call(input, world, signal);
    const latencyMs = Math.max(0, Math.round(clock.monotonic() - started));
    await this.#record(call, answer, latencyMs);
    if (answer.exitCode !== undefined) {
      this.#verified.push({ command: commandOf(input), exitCode: answer.exitCode });
    }
    return { answer, isSlip: answer.isMisfit === true };
  }

  #finish(input: Json): Called {
    const { output } = this.#job.node;
    const { result, ...rest } = input as { readonly result?: Json };
    const parsed = finishInput.safeParse(rest);
    if (!parsed.success) return slip(problemsOf(parsed.error));
    if (output !== undefined && result === undefined && parsed.data.status === 'succeeded') {
      return slip('a result is missing: give it as `result`');
    }
    const typed = result === undefined ? {} : { result };
    return {
      answer: { text: 'done', isError: false },
      isSlip: false,
      end: { report: parsed.data, ...typed },
    };
  }

  /** Durable before the model hears of it. */
  async #record(call: ModelToolCall, answer: CommandAnswer, latencyMs: number): Promise<void> {
    const { path, attempt } = this.#job;
    const { host } = this.#parts;
    await host.record({
      type: 'tool.called',
      path,
      attempt,
      tool: call.name,
      input: host.keep(call.input, 'json'),
      output: host.keep(answer.text, 'text'),
      latencyMs,
      ...(answer.exitCode === undefined ? {} : { exitCode: answer.exitCode }),
    });
  }
}

interface Called {
  readonly answer: CommandAnswer;
  /** The model made a call that can’t be one. */
  readonly isSlip: boolean;
  readonly end?: Turn['end'];
}

const slip = (text: string): Called => ({ answer: refused(text), isSlip: true });

/** An object, as every tool wants one; `{}` where nothing was given. */
function parseInput(text: string): Json | undefined {
  if (text.trim() === '') return {};
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Providers want each answer to name one call; some models name several alike, or none. */
function withUniqueIds(toolCalls: readonly ModelToolCall[]): readonly ModelToolCall[] {
  const seen = new Set<string>();
  return toolCalls.map((call, index) => {
    const id = call.id === '' || seen.has(call.id) ? `${call.id}-${index + 1}` : call.id;
    seen.add(id);
    return { ...call, id };
  });
}

function commandOf(input: Json): string {
  const { command } = input as { readonly command?: Json };
  return typeof command === 'string' ? command : '';
}
