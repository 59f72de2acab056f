/**
 * The call chain, around every model call of every runner: recorded? → memo → reserve → gate → provider → record.
 * A request is durable before it is sent. The record of the answer is not awaited, so that it shares a
 * commit with what the leaf makes of it.
 */
import { canonicalJson, wellFormed } from '../../model/canonical-json.ts';
import type {
  ModelEnd,
  ModelRequest,
  ModelRoute,
  ModelToolCall,
} from '../../model/model-provider.ts';
import { requestText } from '../../model/model-request.ts';
import { pause } from '../../model/pause.ts';
import type { Chance } from '../../system/chance.ts';
import type { Clock, Timers } from '../../system/clock.ts';
import { type Amounts, ONE_STEP } from '../../trace/amounts.ts';
import type { ContentRef } from '../../trace/content.ts';
import type { Fact, Route, Shortage, StopCause } from '../../trace/events.ts';
import type { Failure } from '../../trace/outcome.ts';
import { NO_USAGE } from '../../trace/usage.ts';
import { waitActivity } from '../../trace/wait-activity.ts';
import type { FailureKind } from '../../workflow/limits.ts';
import { DEFAULT_ROLE } from '../../workflow/route-key.ts';
import type { Continuation } from '../continuation.ts';
import { failure } from '../failure.ts';
import type { LeafHost } from '../leaf-host.ts';
import type { LeafJob } from '../leaf-job.ts';
import { SliceAccount } from '../slice-account.ts';
import { type CallMemo, NO_MEMO } from './call-memo.ts';
import type { ModelAnswer } from './model-answer.ts';
import {
  type GateEnd,
  type GateNews,
  type Leave,
  NO_GATE,
  type ProviderGate,
} from './provider-gate.ts';
import { reserve, usedBy } from './reserve.ts';
import { MAX_TRIES, retryDelay } from './retry-delay.ts';
import { send } from './send.ts';

/** What of a leaf decides which model answers it. */
export type RoutedNode = Pick<LeafJob['node'], 'modelPolicy' | 'task'>;

export interface CallChainParts {
  /** Which model answers a leaf; undefined when none is configured for its role. */
  readonly route: (node: RoutedNode) => ModelRoute | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly chance: Chance;
  readonly memo?: CallMemo;
  readonly gate?: ProviderGate;
  /** Lets calls without a known price through under a money ceiling. */
  readonly allowUnknownCost?: boolean;
}

export type CallResult =
  | {
      readonly status: 'answered';
      readonly answer: ModelAnswer;
      /** Resolves when the answer is durable: wait for it before acting on it in the world. */
      readonly recorded: Promise<void>;
    }
  | {
      readonly status: 'failed';
      readonly failure: Failure;
      /** The slice of the attempt is too small for the call: so much is needed. */
      readonly short?: Shortage;
      /** Nobody in line can answer until a person mends something. */
      readonly stop?: StopCause;
    };

/** The model calls of one attempt of one leaf; some may be under way at once. */
export interface ModelCalls {
  /** Never rejects but when the host can record no more. */
  call(request: ModelRequest, route: ModelRoute, signal: AbortSignal): Promise<CallResult>;
}

interface Call {
  readonly number: number;
  readonly request: ModelRequest;
  readonly route: ModelRoute;
  readonly content: ContentRef;
  readonly memo: 'miss' | 'bypass';
  /** Sendings of this call to the models before it. */
  readonly triesBefore: number;
}

interface Wait {
  readonly what: string;
  readonly forMs: number | undefined;
  readonly why?: string;
}

type TryEnd =
  | Extract<CallResult, { readonly status: 'answered' }>
  | {
      readonly status: 'failed';
      readonly failure: Failure;
      readonly short?: Shortage;
      readonly stop?: StopCause;
      readonly retryable: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly isBusy?: true | undefined;
    };

interface Sent {
  readonly result: CallResult;
  /** Sendings of the call so far, to all models. */
  readonly tries: number;
}

type Called = Extract<Fact, { readonly type: 'model.called' }>;
type CalledParts = Pick<Called, 'memo' | 'usage' | 'latencyMs' | 'response' | 'failure'>;

/** Another provider may do better. */
const OF_THE_PROVIDER: ReadonlySet<FailureKind> = new Set(['provider', 'timeout', 'refused']);
const DURABLE = Promise.resolve();
const FAILED: GateEnd = { type: 'failed' };
const ABORTED: Failure = { kind: 'lost', message: 'ended before the model had answered' };

interface CallParts extends CallChainParts {
  /** The record of the attempts before this one; nothing is recorded where absent. */
  readonly past?: Continuation | undefined;
  /** Where its leaf spends of its slice in other ways too. */
  readonly account?: SliceAccount;
}

export function modelCalls(job: LeafJob, host: LeafHost, parts: CallParts): ModelCalls {
  return new CallChain(job, host, parts);
}

class CallChain implements ModelCalls {
  readonly #job: LeafJob;
  readonly #host: LeafHost;
  readonly #parts: CallParts;
  #calls = 0;
  readonly #account: SliceAccount;

  constructor(job: LeafJob, host: LeafHost, parts: CallParts) {
    this.#job = job;
    this.#host = host;
    this.#parts = parts;
    this.#account = parts.account ?? new SliceAccount(job.slice);
  }

  async call(request: ModelRequest, route: ModelRoute, signal: AbortSignal): Promise<CallResult> {
    this.#calls += 1;
    const { node, run, path } = this.#job;
    const { past, memo } = this.#parts;
    const text = requestText(request);
    if (past?.isTold === false) {
      const answer = await past.answer(this.#calls, text, signal);
      if (answer !== undefined) return { status: 'answered', answer, recorded: DURABLE };
    }
    // An answer of the memo is a step too, so that no loop goes on for nothing.
    const noStep = this.#account.shortOf(ONE_STEP);
    if (noStep !== undefined) return { status: 'failed', ...noStep };
    const content = this.#host.keep(text, 'json');
    const asked = { number: this.#calls, request, route, content };
    const key = { scope: node.memo, run, path, digest: content.digest };
    const found = memo === undefined ? NO_MEMO : await memo.find(key, signal);
    if ('answer' in found) {
      this.#account.spend(ONE_STEP);
      const response = this.#keepAnswer(found.answer);
      const called = { usage: NO_USAGE, memo: found.outcome, latencyMs: 0, response };
      const recorded = this.#recordCalled(asked, 1, called);
      return { status: 'answered', answer: found.answer, recorded };
    }
    const first = { ...asked, memo: found.outcome, triesBefore: 0 };
    const sent = await this.#sendWithRetries(first, signal);
    // What another model said is no answer to this request.
    found.settle(sent.result.status === 'answered' ? sent.result.answer : undefined);
    return this.#fallBack(first, sent, signal);
  }

  /** Asks the next model in line for as long as it is the provider that fails. */
  async #fallBack(first: Call, sent: Sent, signal: AbortSignal): Promise<CallResult> {
    let last = sent;
    let stopped = stopOf(sent);
    for (const route of first.route.fallbacks ?? []) {
      if (last.result.status === 'answered' || signal.aborted) break;
      if (!OF_THE_PROVIDER.has(last.result.failure.kind)) break;
      const request = requestFor(first.request, route);
      const content = this.#host.keep(requestText(request), 'json');
      const next: Call = { ...first, route, request, content, triesBefore: last.tries };
      last = await this.#sendWithRetries(next, signal);
      stopped ??= stopOf(last);
    }
    // Mending the key of the first choice is worth more than the failure of the last.
    return last.result.status === 'answered' ? last.result : (stopped ?? last.result);
  }

  async #sendWithRetries(call: Call, signal: AbortSignal): Promise<Sent> {
    for (let number = 1; ; number += 1) {
      const tries = call.triesBefore + number;
      const end = await this.#sendOnce(call, tries, signal);
      if (end.status === 'answered') return { result: end, tries };
      if (!end.retryable || number === MAX_TRIES || signal.aborted) {
        const { kind, message } = end.failure;
        const said = number === 1 ? message : `${message} (${number} tries)`;
        const short = end.short === undefined ? {} : { short: end.short };
        const stop = end.stop === undefined ? {} : { stop: end.stop };
        const failed = {
          status: 'failed',
          failure: failure(kind, said),
          ...short,
          ...stop,
        } as const;
        return { result: failed, tries };
      }
      const delayMs = retryDelay(number, end.retryAfterMs, this.#parts.chance);
      const why = `try ${number + 1} of ${MAX_TRIES}: ${end.failure.message}`;
      this.#showWait({ what: call.route.provider.name, forMs: delayMs, why });
      await pause(delayMs, this.#parts.timers, signal);
    }
  }

  async #sendOnce(call: Call, tryNumber: number, signal: AbortSignal): Promise<TryEnd> {
    if (signal.aborted) return { status: 'failed', failure: ABORTED, retryable: false };
    const isPriced = this.#job.slice?.costMicroUsd !== undefined;
    const reserved = reserve(call.request, call.route, {
      account: this.#account,
      needsPrice: isPriced && this.#parts.allowUnknownCost !== true,
    });
    if ('failure' in reserved) return { status: 'failed', ...reserved, retryable: false };
    using _held = this.#account.hold(reserved);
    const { gate } = this.#parts;
    const leave = gate === undefined ? NO_GATE : await this.#enter(gate, call, signal);
    let gateEnd: GateEnd = FAILED;
    try {
      if (signal.aborted) return { status: 'failed', failure: ABORTED, retryable: false };
      await this.#recordRequested(call, tryNumber, reserved);
      if (signal.aborted) return this.#unsent(call, tryNumber);
      const end = await this.#answered(call, tryNumber, { reserved, signal });
      gateEnd = toGateEnd(end);
      return end;
    } finally {
      this.#recordNews(call.route.provider.name, leave(gateEnd));
    }
  }

  /** Its turn at the provider; whoever watches is told that it waits, and when it does no longer. */
  async #enter(gate: ProviderGate, { route }: Call, signal: AbortSignal): Promise<Leave> {
    const provider = route.provider.name;
    let hasWaited = false;
    const leave = await gate.enter(provider, signal, (forMs) => {
      hasWaited = true;
      this.#showWait({ what: provider, forMs });
    });
    if (hasWaited) this.#host.live({ kind: `asks ${provider}` });
    return leave;
  }

  #showWait({ what, forMs, why }: Wait): void {
    const until =
      forMs === undefined ? {} : { untilMs: Math.round(this.#parts.clock.now() + forMs) };
    this.#host.live(waitActivity({ for: what, ...until, ...(why === undefined ? {} : { why }) }));
  }

  #recordNews(provider: string, news: GateNews | undefined): void {
    if (news?.type === 'suspended') {
      const untilMs = Math.round(this.#parts.clock.now() + news.forMs);
      void this.#host.record({ type: 'provider.suspended', provider, untilMs });
    } else if (news?.type === 'resumed') {
      void this.#host.record({ type: 'provider.resumed', provider });
    }
  }

  /** Its leaf was ended while the request was being recorded. */
  #unsent(call: Call, tryNumber: number): TryEnd {
    const { memo } = call;
    const parts = { usage: NO_USAGE, memo, latencyMs: 0, failure: ABORTED };
    void this.#recordCalled(call, tryNumber, parts);
    return { status: 'failed', failure: ABORTED, retryable: false };
  }

  /** Sends and records what came; the record is not awaited, so that it shares a commit with what follows. */
  async #answered(
    call: Call,
    tryNumber: number,
    { reserved, signal }: { readonly reserved: Amounts; readonly signal: AbortSignal },
  ): Promise<TryEnd> {
    const { path, attempt, node } = this.#job;
    const { route, request, number, memo } = call;
    const role = node.modelPolicy.role ?? DEFAULT_ROLE;
    const origin = { path, attempt, call: number, role };
    const started = this.#parts.clock.monotonic();
    const end = await send({ route, request, origin, reserved }, this.#host, signal);
    const latencyMs = Math.max(0, Math.round(this.#parts.clock.monotonic() - started));
    const usage = end.usage ?? NO_USAGE;
    this.#account.spend(usedBy(usage));
    if (end.type === 'failed') {
      const failed = failure(end.kind, end.message);
      void this.#recordCalled(call, tryNumber, { usage, memo, latencyMs, failure: failed });
      const { retryable, retryAfterMs, isBusy, isCredentials } = end;
      const stop = isCredentials === true ? { stop: 'credentials' as const } : {};
      return { status: 'failed', failure: failed, ...stop, retryable, retryAfterMs, isBusy };
    }
    const answer = toAnswer(end);
    const response = this.#keepAnswer(answer);
    const parts = { usage, memo, latencyMs, response };
    const recorded = this.#recordCalled(call, tryNumber, parts);
    return { status: 'answered', answer, recorded };
  }

  #recordRequested(
    call: Call,
    tryNumber: number,
    { costMicroUsd, tokens }: Amounts,
  ): Promise<void> {
    const { path, attempt } = this.#job;
    return this.#host.record({
      type: 'model.requested',
      path,
      attempt,
      call: call.number,
      try: tryNumber,
      digest: call.content.digest,
      route: toRoute(call.route),
      reserved: { costMicroUsd, tokens },
    });
  }

  #recordCalled(
    call: Omit<Call, 'memo' | 'triesBefore'>,
    tryNumber: number,
    parts: CalledParts,
  ): Promise<void> {
    const { path, attempt } = this.#job;
    return this.#host.record({
      type: 'model.called',
      path,
      attempt,
      call: call.number,
      try: tryNumber,
      request: call.content,
      route: toRoute(call.route),
      ...parts,
    });
  }

  #keepAnswer(answer: ModelAnswer): ContentRef {
    return this.#host.keep(answerText(answer), 'json');
  }
}

function stopOf({ result }: Sent): CallResult | undefined {
  return result.status === 'failed' && result.stop !== undefined ? result : undefined;
}

function toGateEnd(end: TryEnd): GateEnd {
  if (end.status === 'answered') return { type: 'answered' };
  if (end.isBusy !== true) return FAILED;
  const { retryAfterMs } = end;
  return { type: 'busy', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** The same question to another model. */
function requestFor(request: ModelRequest, { model, maxOutputTokens }: ModelRoute): ModelRequest {
  const most = Math.min(request.maxOutputTokens, maxOutputTokens ?? request.maxOutputTokens);
  return { ...request, model, maxOutputTokens: most };
}

/** A route as events name it. */
export function toRoute(route: ModelRoute): Route {
  return { provider: route.provider.name, model: route.model };
}

function toAnswer(end: Extract<ModelEnd, { readonly type: 'finished' }>): ModelAnswer {
  const { text, value, model, toolCalls, isCut } = end;
  // In the order of the canonical text, which then needs no copy.
  return {
    model: model.toWellFormed(),
    text: text.toWellFormed(),
    ...(value === undefined ? {} : { value: wellFormed(value) }),
    ...(toolCalls === undefined ? {} : { toolCalls: toolCalls.map(wellFormedCall) }),
    ...(isCut === undefined ? {} : { isCut }),
  };
}

/** An answer as the record keeps it. */
function answerText(answer: ModelAnswer): string {
  const { toolCalls, ...rest } = answer;
  const calls =
    toolCalls === undefined ? {} : { toolCalls: toolCalls.map((call) => ({ ...call })) };
  return canonicalJson({ ...rest, ...calls });
}

function wellFormedCall({ id, name, input }: ModelToolCall): ModelToolCall {
  return { id: id.toWellFormed(), name: name.toWellFormed(), input: input.toWellFormed() };
}
