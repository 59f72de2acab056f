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
import { FINISH, finishInput, type SelfReport } from '../../../tool/finish.ts';
import { problemsOf } from '../../../tool/tool.ts';
import type { Shortage, StopCause } from '../../../trace/events.ts';
import type { Failure } from '../../../trace/outcome.ts';
import type { ModelCalls } from '../../call/call-chain.ts';
import type { ToolPlace } from '../../continuation.ts';
import { failure } from '../../failure.ts';
import type { LeafJob } from '../../leaf-job.ts';
import { checkOutput } from '../../output-schema.ts';
import { Conversation } from './conversation.ts';
import type { RanCommand } from './ran-command.ts';
import { type Called, parseInput, type ToolCalls } from './tool-calls.ts';

export interface LoopParts {
  readonly calls: ModelCalls;
  readonly route: ModelRoute;
  readonly tools: ToolCalls;
  readonly maxTurns: number;
  /** Everything but the conversation. */
  readonly request: Omit<ModelRequest, 'messages'>;
}

export interface AgentEnd {
  readonly report?: SelfReport;
  /** The typed result, where the leaf has a schema. */
  readonly result?: Json;
  readonly failure?: Failure;
  /** Its slice was too small. */
  readonly short?: Shortage;
  /** Only a person can mend what it failed for. */
  readonly stop?: StopCause;
  readonly ran: readonly RanCommand[];
}

/** Turns in a row in which the model calls nothing that exists, or with what does not fit. */
const MAX_SLIPS = 3;
/** Calls of one turn that are carried out; the rest is refused. */
const MAX_CALLS_PER_TURN = 32;

const REMINDER = `Go on with a tool, or end your work with ${FINISH}. Text alone does nothing here.`;
const CUT = 'Your answer was cut at its limit before it was whole. Make shorter steps. ';

export async function agentLoop(
  job: LeafJob,
  task: string,
  parts: LoopParts,
  signal: AbortSignal,
): Promise<AgentEnd> {
  return new AgentLoop(job, task, parts).run(signal);
}

type End = Omit<AgentEnd, 'ran'>;

class AgentLoop {
  readonly #job: LeafJob;
  readonly #parts: LoopParts;
  readonly #conversation: Conversation;
  #slips = 0;

  constructor(job: LeafJob, task: string, parts: LoopParts) {
    this.#job = job;
    this.#parts = parts;
    this.#conversation = new Conversation(task);
  }

  async run(signal: AbortSignal): Promise<AgentEnd> {
    const end = await this.#turns(signal);
    return { ...end, ran: this.#parts.tools.ran };
  }

  async #turns(signal: AbortSignal): Promise<End> {
    const { calls, route, request, maxTurns } = this.#parts;
    for (let turn = 1; turn <= maxTurns; turn += 1) {
      const asked = this.#conversation.fit(request, route.windowTokens);
      if (asked === undefined) return fail('refused', 'the work no longer fits the model');
      const result = await calls.call(asked, route, signal);
      if (result.status === 'failed') return result;
      // An answer is durable before it is acted on.
      if (!this.#isLast(result.answer.toolCalls)) await result.recorded;
      const { text, toolCalls = [], isCut = false } = result.answer;
      const done = await this.#act({ turn, text, toolCalls, isCut }, signal);
      if (done !== undefined) return done;
      if (signal.aborted) return fail('lost', 'aborted while it worked');
      if (this.#slips > MAX_SLIPS) {
        return fail('schema', `the model called no tool rightly ${this.#slips} times in a row`);
      }
    }
    return fail('refused', `not done after ${maxTurns} turns`);
  }

  /** Nothing is done in the world any more: its record shares a commit with the end. */
  #isLast(toolCalls: readonly ModelToolCall[] = []): boolean {
    const [first] = toolCalls;
    return toolCalls.length === 1 && first?.name === FINISH;
  }

  async #act(said: Said, signal: AbortSignal): Promise<End | undefined> {
    const { text, toolCalls, isCut } = said;
    if (toolCalls.length === 0) {
      this.#slips += 1;
      this.#conversation.addReminder(text, isCut ? `${CUT}${REMINDER}` : REMINDER);
      return undefined;
    }
    const calls = withUniqueIds(toolCalls);
    const results: ModelToolResult[] = [];
    let hasSlipped = false;
    let done: End | undefined;
    for (const [index, call] of calls.entries()) {
      const isBroken = isCut && parseInput(call.input) === undefined;
      const why = isBroken ? { why: `${CUT}Nothing was done.` } : {};
      const outcome = await this.#callOne(call, { call: said.turn, index, ...why }, signal);
      if (outcome.end !== undefined) return outcome.end;
      hasSlipped ||= outcome.isSlip;
      done ??= outcome.done;
      const { id, name } = call;
      results.push({ id, name, text: outcome.text, isError: outcome.isError });
    }
    this.#slips = hasSlipped ? this.#slips + 1 : 0;
    this.#conversation.addTurn(text, calls, results);
    return done;
  }

  async #callOne(
    call: ModelToolCall,
    place: ToolPlace & { readonly why?: string },
    signal: AbortSignal,
  ): Promise<Called & { readonly done?: End }> {
    if (place.index >= MAX_CALLS_PER_TURN) {
      const text = `more than ${MAX_CALLS_PER_TURN} calls in one turn; this one was not made`;
      return { text, isError: true, isSlip: true };
    }
    if (call.name !== FINISH || place.why !== undefined)
      return this.#parts.tools.call(call, place, signal);
    const finished = this.#finish(call);
    if (typeof finished === 'string') {
      return this.#parts.tools.call(call, { ...place, why: finished }, signal);
    }
    return { text: 'done', isError: false, isSlip: false, done: finished };
  }

  /** The end that a model has called for, or what is wrong with the call. */
  #finish({ name, input: text }: ModelToolCall): End | string {
    const input = parseInput(text);
    if (input === undefined) return `the input of ${name} is no JSON object`;
    const { output } = this.#job.node;
    const { result, ...rest } = input as { readonly result?: Json };
    const parsed = finishInput.safeParse(rest);
    if (!parsed.success) return problemsOf(parsed.error);
    if (output === undefined) return { report: parsed.data };
    if (result === undefined) {
      const isMissing = parsed.data.status === 'succeeded';
      return isMissing ? 'a result is missing: give it as `result`' : { report: parsed.data };
    }
    const misfit = checkOutput(output, result);
    if (misfit !== undefined) return `the result does not fit: ${misfit.message}`;
    return { report: parsed.data, result };
  }
}

interface Said {
  readonly turn: number;
  readonly text: string;
  readonly toolCalls: readonly ModelToolCall[];
  /** The answer ends where its limit was. */
  readonly isCut: boolean;
}

const fail = (kind: Failure['kind'], message: string): End => ({ failure: failure(kind, message) });

/** Providers want each answer to name one call; some models name several alike, or none. */
function withUniqueIds(toolCalls: readonly ModelToolCall[]): readonly ModelToolCall[] {
  const seen = new Set<string>();
  return toolCalls.map((call, index) => {
    const id = call.id === '' || seen.has(call.id) ? `${call.id}-${index + 1}` : call.id;
    seen.add(id);
    return { ...call, id };
  });
}
