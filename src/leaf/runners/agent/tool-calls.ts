/**
 * The tool calls of one attempt: each is answered from the record or carried out, and then recorded with the
 * files that it left, before anything depends on it.
 */
import { isJsonObject, type Json } from '../../../base/json.ts';
import type { ModelToolCall } from '../../../model/model-provider.ts';
import type { Clock } from '../../../system/clock.ts';
import { FINISH } from '../../../tool/finish.ts';
import { type CommandAnswer, refused, type Tool, type ToolWorld } from '../../../tool/tool.ts';
import { ONE_STEP } from '../../../trace/amounts.ts';
import type { Fact } from '../../../trace/events.ts';
import type { Failure } from '../../../trace/outcome.ts';
import type { Continuation, ToolPlace } from '../../continuation.ts';
import { failure } from '../../failure.ts';
import { hookValue, type LeafHooks } from '../../hooks.ts';
import type { LeafHost } from '../../leaf-host.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { LeafTree } from '../../leaf-tree.ts';
import type { Short, SliceAccount } from '../../slice-account.ts';
import type { RanCommand } from './ran-command.ts';

export interface ToolCallParts {
  readonly job: LeafJob;
  readonly host: LeafHost;
  readonly clock: Clock;
  readonly tools: readonly Tool[];
  readonly world: ToolWorld;
  readonly tree: LeafTree | undefined;
  readonly past: Continuation | undefined;
  readonly hooks: LeafHooks | undefined;
  readonly account: SliceAccount;
}

export interface Called {
  readonly text: string;
  readonly isError: boolean;
  /** The model made a call that can’t be one. */
  readonly isSlip: boolean;
  /** The attempt cannot go on. */
  readonly end?: Short | { readonly failure: Failure };
}

type ToolCalled = Extract<Fact, { readonly type: 'tool.called' }>;
type Outcome = Pick<
  ToolCalled,
  'exitCode' | 'files' | 'failure' | 'maybeRepeated' | 'isError' | 'notes'
>;

const MAX_NAME_CHARACTERS = 120;

export class ToolCalls {
  readonly #parts: ToolCallParts;
  readonly #ran: RanCommand[] = [];
  #recorded: Promise<void> = Promise.resolve();
  /** Where the files were kept last; `undefined` where they cannot be. */
  #files: string | undefined = '';

  constructor(parts: ToolCallParts) {
    this.#parts = parts;
  }

  get ran(): readonly RanCommand[] {
    return this.#ran;
  }

  /** `why`: it is no call that could be made, as its caller has found; so it is only recorded. */
  async call(
    call: ModelToolCall,
    { why, ...place }: ToolPlace & { readonly why?: string },
    signal: AbortSignal,
  ): Promise<Called> {
    const wrong = (why ?? this.#misfit(call))?.toWellFormed();
    const isSlip = wrong !== undefined;
    const past = await this.#fromRecord(call, place, signal);
    if (past !== undefined) return { ...past, isSlip };
    const short = this.#parts.account.shortOf(ONE_STEP);
    if (short !== undefined) return { ...refused(short.failure.message), isSlip, end: short };
    this.#parts.account.spend(ONE_STEP);
    if (wrong === undefined) return this.#carryOut(call, place, signal);
    this.#record(call, place, { text: wrong, latencyMs: 0, isError: true });
    return { ...refused(wrong), isSlip };
  }

  #misfit({ name, input: text }: ModelToolCall): string | undefined {
    const input = parseInput(text);
    if (input === undefined) return `the input of ${name} is no JSON object`;
    const { tools } = this.#parts;
    const tool = tools.find((one) => one.name === name);
    if (tool !== undefined) return tool.misfit(input);
    const known = tools.map((one) => one.name).join(', ');
    return `there is no tool ${name}; there are ${known}, ${FINISH}`;
  }

  async #fromRecord(
    { name, input }: ModelToolCall,
    place: ToolPlace,
    signal: AbortSignal,
  ): Promise<Pick<Called, 'text' | 'isError'> | undefined> {
    const { past, host } = this.#parts;
    if (past === undefined || past.isTold) return undefined;
    const result = await past.result(
      { ...place, tool: toolName(name), input: host.digest(input, inputType(input)) },
      signal,
    );
    if (result === undefined) return undefined;
    const { text, isError, exitCode, files } = result;
    if (files !== undefined) this.#see(files.commit);
    this.#note(name, input, exitCode);
    return { text, isError };
  }

  async #carryOut(call: ModelToolCall, place: ToolPlace, signal: AbortSignal): Promise<Called> {
    const { tools, world, host, clock, past, tree } = this.#parts;
    const tool = tools.find(({ name }) => name === call.name);
    // What came before it is durable, so that a crash leaves at most one call in doubt.
    await this.#recorded;
    const repeated = tool?.reachesOut === true && past?.mayRepeat(place) === true;
    const mark = repeated ? ({ maybeRepeated: true } as const) : {};
    host.live({ kind: 'tool', text: `${call.name} ${call.input}` });
    const started = clock.monotonic();
    const answer = await this.#hooked(call, place, signal, () =>
      tool === undefined
        ? Promise.resolve(refused('there is no such tool'))
        : tool.call(parseInput(call.input), world, signal),
    );
    const isGone = (await tree?.isThere()) === false;
    if (failed(answer) && !signal.aborted) await tree?.needsRoom();
    const state: State = signal.aborted || isGone ? BROKEN_OFF : await this.#keep(answer, signal);
    const latencyMs = Math.max(0, Math.round(clock.monotonic() - started));
    const note = state.note === undefined ? '' : `\n[${state.note}]`;
    // What it quotes of its input may hold half a character, which no request can.
    const text = `${answer.text}${note}`.toWellFormed();
    const isError = answer.isError ? ({ isError: true } as const) : {};
    const exit = answer.exitCode === undefined ? {} : { exitCode: answer.exitCode };
    const notes = answer.notes === undefined ? {} : { notes: host.keep(answer.notes, 'text') };
    const end = answer.end === undefined ? {} : { failure: answer.end };
    const outcome = { ...isError, ...exit, ...mark, ...notes, ...end, ...state.outcome };
    this.#record(call, place, { text, latencyMs, ...outcome });
    if (state === BROKEN_OFF) {
      return { text, isError: true, isSlip: false, end: { failure: BROKEN_OFF.outcome.failure } };
    }
    if (answer.end !== undefined) {
      return { text, isError: true, isSlip: false, end: { failure: answer.end } };
    }
    this.#note(call.name, call.input, answer.exitCode);
    return { text, isError: answer.isError, isSlip: false };
  }

  /** What a hook says is told to the model; what it does to files is taken for work of the tool. */
  async #hooked(
    call: ModelToolCall,
    place: ToolPlace,
    signal: AbortSignal,
    act: () => Promise<CommandAnswer>,
  ): Promise<CommandAnswer> {
    const { hooks } = this.#parts;
    const tool = { ...place, tool: call.name };
    const about = { tool_name: call.name, tool_input: hookValue(call.input) };
    const before = await hooks?.tell('before_tool', { tool, about }, signal);
    if (before !== undefined) {
      return refused(`not done: the hook ${before.hook} does not allow it: ${before.reason}`);
    }
    const answer = await act();
    if (hooks === undefined || signal.aborted) return answer;
    const { text, isError, exitCode = null } = answer;
    const response = { text, is_error: isError, exit_code: exitCode };
    const told = { ...about, tool_response: response };
    const after = await hooks.tell('after_tool', { tool, about: told }, signal);
    const touched = hooks.has('after_tool', call.name) ? ({ touched: 'any' } as const) : {};
    if (after === undefined) return { ...answer, ...touched };
    const said = `${text}\n[the hook ${after.hook} objects: ${after.reason}]`;
    return { ...answer, ...touched, text: said, isError: true };
  }

  async #keep({ touched }: CommandAnswer, signal: AbortSignal): Promise<State> {
    const { tree, job } = this.#parts;
    if (touched === undefined || tree === undefined || job.node.mode === 'read_only') return {};
    const kept = await tree
      .keep(touched === 'any' ? undefined : touched, signal)
      .catch((thrown: unknown) => {
        if (signal.aborted) return undefined;
        throw thrown;
      });
    if (kept === undefined) return BROKEN_OFF;
    if ('problem' in kept) {
      this.#files = undefined;
      const note = `as it is now, the tree cannot be handed over: ${kept.problem}; undo that`;
      return { note, outcome: { failure: failure('permission', kept.problem) } };
    }
    const { base, commit } = kept.files;
    const isSame = commit === this.#files || (this.#files === '' && commit === base);
    if (isSame) return {};
    this.#see(commit);
    return { outcome: { files: kept.files } };
  }

  /** Files have changed: what ran before says nothing about them. */
  #see(commit: string): void {
    this.#files = commit;
    for (const one of this.#ran) one.isStale = true;
  }

  #note(name: string, text: string, exitCode: number | null | undefined): void {
    if (exitCode === undefined) return;
    const { command } = (parseInput(text) ?? {}) as { readonly command?: Json };
    const said = typeof command === 'string' ? command : name;
    this.#ran.push({ command: said, exitCode, isStale: false });
  }

  /** Durable before the next call is carried out, and with the next request that is sent. */
  #record(
    { name, input }: ModelToolCall,
    place: ToolPlace,
    {
      text,
      latencyMs,
      ...outcome
    }: Outcome & { readonly text: string; readonly latencyMs: number },
  ): void {
    const { job, host, tools } = this.#parts;
    const { path, attempt } = job;
    const from = tools.find((tool) => tool.name === name)?.from ?? {};
    this.#recorded = host.record({
      type: 'tool.called',
      path,
      attempt,
      ...place,
      tool: toolName(name),
      ...from,
      input: host.keep(input, inputType(input)),
      output: host.keep(text, 'text'),
      latencyMs,
      ...outcome,
    });
  }
}

/** Where the disk is full this is not told to the model, and not recorded: it is done again with room. */
const failed = ({ isError, exitCode = 0, end }: CommandAnswer): boolean =>
  isError || exitCode !== 0 || end !== undefined;

interface State {
  /** For the model. */
  readonly note?: string;
  readonly outcome?: Outcome;
}

const BROKEN_OFF = {
  outcome: { failure: failure('lost', 'broken off while it worked') },
} as const satisfies State;

/** An object, as every tool wants one; `{}` where nothing was given. */
export function parseInput(text: string): Json | undefined {
  if (text.trim() === '') return {};
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const inputType = (text: string): 'json' | 'text' =>
  parseInput(text) === undefined || text.trim() === '' ? 'text' : 'json';

/** As the record has it: a model may say anything. */
function toolName(name: string): string {
  return name.slice(0, MAX_NAME_CHARACTERS).toWellFormed();
}
