/** Model and tool calls as steps of their attempts, and which call’s answer the memo used again. */
import type { Fact } from '../../trace/events.ts';
import type { Draft } from './draft.ts';
import {
  describeCall,
  describeUnknownUsage,
  lastUserText,
  type ModelCalled,
} from './model-call.ts';
import { type StepBook, setInput, setOutput } from './step-book.ts';

type ModelRequested = Extract<Fact, { readonly type: 'model.requested' }>;
type ToolCalled = Extract<Fact, { readonly type: 'tool.called' }>;
type HookCalled = Extract<Fact, { readonly type: 'hook.called' }>;

export class CallLog {
  readonly #book: StepBook;
  /** By `path#attempt/call.try`. */
  readonly #calls = new Map<string, Draft>();
  /** Answered calls that were sent, by the digest of their request. */
  readonly #answered = new Map<string, Draft>();

  constructor(book: StepBook) {
    this.#book = book;
  }

  requested(event: ModelRequested, at: number): void {
    const parent = this.#parentOf(event);
    const draft = this.#open(event, parent, at);
    describeUnknownUsage(draft.step);
    draft.step.call_key = this.#book.contents.hash(event.digest);
    const { costMicroUsd, tokens } = event.reserved;
    draft.step.attributes = { reserved_cost_microusd: costMicroUsd, reserved_tokens: tokens };
    parent?.open.add(draft);
  }

  called(event: ModelCalled, at: number): void {
    const book = this.#book;
    const parent = this.#parentOf(event);
    const known = this.#calls.get(keyOf(event));
    const draft = known ?? this.#open(event, parent, at - event.latencyMs);
    parent?.open.delete(draft);
    describeCall(draft.step, event, book.contents);
    if (parent !== undefined && event.call === 1 && event.try === 1) {
      const prompt = book.contents.showValue(lastUserText(book.contents.json(event.request)));
      if (prompt.meta !== null) setInput(parent.step, prompt);
    }
    book.end(draft, event.failure === undefined ? 'succeeded' : 'failed', at);
    draft.step.error = book.errorOf(event.failure);
    this.#noteMemo(draft, event);
  }

  tool(event: ToolCalled, at: number): void {
    const book = this.#book;
    const { contents } = book;
    const parent = this.#parentOf(event);
    const { path, attempt, tool: name } = event;
    const begun = at - event.latencyMs;
    const draft = book.openInner('tool_call', { path, attempt, parent, name, at: begun });
    setInput(draft.step, contents.showRef(event.input));
    setOutput(draft.step, contents.showRef(event.output));
    draft.step.tool = {
      name,
      exit_code: event.exitCode ?? null,
      input_blob: contents.blob(event.input),
      output_blob: contents.blob(event.output),
    };
    const { server, definition = null } = event;
    if (event.isError === true || event.maybeRepeated === true || server !== undefined) {
      draft.step.attributes = {
        ...(server === undefined ? {} : { mcp_server: server, mcp_definition: definition }),
        ...(event.isError === true ? { is_error: true } : {}),
        ...(event.maybeRepeated === true ? { maybe_repeated: true } : {}),
      };
    }
    book.end(draft, event.failure === undefined ? 'succeeded' : 'failed', at);
    draft.step.error = book.errorOf(event.failure);
  }

  /** What a program of the person said of a leaf or a tool; its reason may be anybody’s words. */
  hook(event: HookCalled, at: number): void {
    const book = this.#book;
    const { path, attempt, hook, on, tool, decision, exitCode, latencyMs } = event;
    const parent = this.#parentOf(event);
    const begun = at - latencyMs;
    const draft = book.openInner('custom', {
      path,
      attempt,
      parent,
      name: `hook ${hook}`,
      at: begun,
    });
    draft.step.attributes = { hook, on, decision, exit_code: exitCode, tool: tool ?? null };
    book.end(draft, decision === 'allow' ? 'succeeded' : 'failed', at);
    if (event.reason !== undefined) {
      const kind = decision === 'block' ? 'permission' : 'internal';
      draft.step.error = book.errorOf({ kind, message: event.reason });
    }
  }

  /** Calls of an attempt that were sent and whose answer never came into the record. */
  lose(attempt: Draft, at: number): void {
    for (const call of attempt.open) {
      this.#book.end(call, 'failed', at);
      call.step.error = { type: 'lost', message: 'no answer was recorded' };
    }
    attempt.open.clear();
  }

  #parentOf({
    path,
    attempt,
  }: ModelCalled | ModelRequested | ToolCalled | HookCalled): Draft | undefined {
    return this.#book.attempts.get(`${path}#${attempt}`);
  }

  #open(event: ModelRequested | ModelCalled, parent: Draft | undefined, at: number): Draft {
    const { path, attempt, route } = event;
    const nth = `${event.call}.${event.try}`;
    const inner = { path, attempt, parent, name: route.model, at, nth };
    const draft = this.#book.openInner('model_call', inner);
    draft.step.model = route.model;
    draft.step.provider = route.provider;
    draft.step.call = event.call;
    draft.step.try = event.try;
    this.#calls.set(keyOf(event), draft);
    return draft;
  }

  #noteMemo(draft: Draft, event: ModelCalled): void {
    const { step } = draft;
    const { digest } = event.request;
    const isSaved = event.memo === 'hit' || event.memo === 'joined';
    const source = isSaved ? this.#answered.get(digest)?.step : undefined;
    const node = this.#book.planAt(event.path)?.node;
    const tokens = source?.tokens;
    step.memo_status = 'recorded';
    step.memo = {
      outcome: event.memo,
      key: this.#book.contents.hash(digest),
      scope: node?.kind === 'leaf' ? node.memo : 'run',
      source_step_id: source?.id ?? null,
      saved_tokens: tokens == null ? null : tokens.input + tokens.output,
      saved_cost_microusd: source?.cost_microusd ?? null,
    };
    if (source !== undefined) step.links = [{ type: 'memo_source', step_id: source.id }];
    if (!isSaved && event.response !== undefined) this.#answered.set(digest, draft);
  }
}

const keyOf = (event: ModelRequested | ModelCalled): string =>
  `${event.path}#${event.attempt}/${event.call}.${event.try}`;
