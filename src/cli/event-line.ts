/** Events as lines: for `logs`, and for `run` and `watch` in a pipe. */

import { workedMs } from '../trace/attempt-view.ts';
import type { TraceEvent } from '../trace/events.ts';
import type { RunView } from '../trace/run-view.ts';
import { totalTokens } from '../trace/usage.ts';
import { clockText, costText, countText } from './amounts.ts';
import { budgetText } from './budget-text.ts';
import { durationText } from './duration.ts';
import { levelIn, UNCONFINED } from './sandbox-words.ts';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface EventLine {
  readonly level: LogLevel;
  /** The node that it is about, with its attempt where it has one. */
  readonly path: string;
  readonly attempt: number | undefined;
  readonly text: string;
}

/** The line of an event, told after `view` has seen it. Texts are as recorded: print them with care. */
export function eventLine(
  event: TraceEvent,
  view: RunView,
  short: (run: string) => string,
): EventLine {
  const path = 'path' in event ? event.path : '';
  const attempt = 'attempt' in event ? event.attempt : undefined;
  const { level, text } = said(event, view, short);
  return { level, path, attempt, text };
}

interface Said {
  readonly level: LogLevel;
  readonly text: string;
}

const info = (text: string): Said => ({ level: 'info', text });
const debug = (text: string): Said => ({ level: 'debug', text });

function said(event: TraceEvent, view: RunView, short: (run: string) => string): Said {
  switch (event.type) {
    case 'run.started':
      return levelIn(event) === 'none'
        ? { level: 'warn', text: `started ${event.spec.id} ${UNCONFINED}` }
        : info(`started ${event.spec.id}`);
    case 'clock.jumped':
      return info(`the clock of this machine jumped by ${durationText(Math.abs(event.byMs))}`);
    case 'run.driven':
      return driven(event);
    case 'leaf.requested':
      return debug('requested');
    case 'leaf.started': {
      const { route } = event;
      return info(`started${route === undefined ? '' : ` on ${route.provider}:${route.model}`}`);
    }
    case 'model.requested':
      return debug(`call ${event.call} try ${event.try} to ${event.route.model}`);
    case 'model.called': {
      const { failure, usage, latencyMs, memo } = event;
      if (failure !== undefined) {
        return { level: 'warn', text: `call failed: ${failure.kind}: ${failure.message}` };
      }
      const tokens = countText(totalTokens(usage.tokens));
      const cost = costText(usage.costMicroUsd, usage.costStatus);
      return debug(
        `answered in ${durationText(latencyMs)}, ${tokens} tokens, ${cost}, memo ${memo}`,
      );
    }
    case 'tool.called': {
      const { tool, latencyMs, failure, maybeRepeated } = event;
      const again = maybeRepeated === true ? ', maybe for the second time' : '';
      const why = failure === undefined ? '' : `: ${failure.message}`;
      const text = `tool ${tool} ${durationText(latencyMs)}${again}${why}`;
      return maybeRepeated === true || failure !== undefined ? info(text) : debug(text);
    }
    case 'hook.called':
      return hookCalled(event);
    case 'leaf.continued':
      return info(continuedText(event));
    case 'agent.framed':
      return debug(`${event.count} frames of its agent`);
    case 'leaf.finished':
      return leafEnd(event, view, short);
    case 'leaf.lost':
      return { level: 'warn', text: lostText(event) };
    case 'tree.merged':
      return debug(`merged ${event.sources.length} trees`);
    case 'timer.fired':
      return debug(`timer ${event.timer} fired`);
    case 'approval.asked':
    case 'approval.requested':
      return { level: 'warn', text: `needs you: ${event.message}` };
    case 'approval.answered':
      return info(`${event.approved ? 'approved' : 'denied'} by ${event.by}`);
    case 'run.paused':
      return info(`paused by ${event.by}`);
    case 'run.resumed':
      return info(`resumed by ${event.by}`);
    case 'run.cancelled':
      return info(`cancelled by ${event.by}`);
    case 'run.stopped': {
      const message = event.message === undefined ? '' : `: ${event.message}`;
      return { level: 'warn', text: `stopped: ${event.because}${message}` };
    }
    case 'leaf.cancelled':
      return info(`cancelled by ${event.by}`);
    case 'leaf.skipped':
      return info(`skipped by ${event.by}`);
    case 'leaf.restarted':
      return info(`restarted by ${event.by}`);
    case 'budget.raised':
      return info(`ceiling raised to ${budgetText(event.budget)}`);
    case 'provider.suspended':
      return {
        level: 'warn',
        text: `${event.provider} is left alone until ${clockText(event.untilMs)}`,
      };
    case 'provider.resumed':
      return info(`provider ${event.provider} goes on`);
    case 'node.started':
      return debug('started');
    case 'leaf.aborted':
      return info(`aborted by ${event.by}`);
    case 'timer.requested':
      return debug(`timer ${event.timer} in ${durationText(event.delayMs)}`);
    case 'timer.cancelled':
      return debug(`timer ${event.timer} cancelled`);
    case 'candidates.ranked':
      return debug(`ranked: ${event.winner} won over ${event.losers.length} others`);
    case 'branch.harvested':
      return debug(harvested(event));
    case 'node.finished':
      return nodeEnd(event);
    case 'run.finished': {
      const { status } = event.outcome;
      const level = status === 'failed' ? 'error' : 'info';
      const why = event.outcome.status === 'failed' ? `: ${event.outcome.failure.message}` : '';
      return { level, text: `finished: ${status}${why}` };
    }
    // A kind that a later version writes is told by its name.
    default:
      return debug((event as { readonly type: string }).type);
  }
}

function harvested({
  leaves,
  owner,
}: Extract<TraceEvent, { readonly type: 'branch.harvested' }>): string {
  const who = owner === undefined ? '' : `${owner} `;
  return `${who}harvested ${leaves.length} ${leaves.length === 1 ? 'leaf' : 'leaves'}`;
}

function hookCalled(event: Extract<TraceEvent, { readonly type: 'hook.called' }>): Said {
  const { hook, on, tool, decision, reason, latencyMs } = event;
  const what = tool === undefined ? on.replace('_', ' the ') : `${on.replace('_', ' ')} ${tool}`;
  const why = reason === undefined ? '' : `: ${reason}`;
  const text = `hook ${hook} ${what} ${durationText(latencyMs)}`;
  if (decision === 'allow') return debug(text);
  return { level: 'warn', text: `${text} ${decision === 'block' ? 'blocked it' : 'failed'}${why}` };
}

/** `goes on after 3 model calls and 2 tool calls of the record`, and what was left of it. */
export function continuedText({
  calls,
  tools,
  dropped,
}: Pick<
  Extract<TraceEvent, { readonly type: 'leaf.continued' }>,
  'calls' | 'tools' | 'dropped'
>): string {
  const taken =
    calls + tools === 0 ? 'begins anew' : `goes on after ${workText(calls, tools)} of the record`;
  if (dropped === undefined) return taken;
  const left = dropped.calls + dropped.tools;
  const rest = left === 0 ? '' : `; ${workText(dropped.calls, dropped.tools)} more cannot be taken`;
  return `${taken}${rest}: ${dropped.because}`;
}

/** `3 model calls and 2 tool calls`. */
export function workText(calls: number, tools: number): string {
  const many = (count: number, what: string): readonly string[] =>
    count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`];
  return [...many(calls, 'model call'), ...many(tools, 'tool call')].join(' and ');
}

function leafEnd(
  event: Extract<TraceEvent, { readonly type: 'leaf.finished' }>,
  view: RunView,
  short: (run: string) => string,
): Said {
  const { result, from, late } = event;
  const attempt = view.attempt(event.path, event.attempt);
  if (from !== undefined) return info(`reused from ${short(from.run)}`);
  const time = attempt === undefined ? '' : ` ${durationText(workedMs(attempt, event.at))}`;
  const cost =
    attempt === undefined || attempt.modelCalls === 0
      ? ''
      : ` cost=${costText(attempt.costMicroUsd, attempt.costStatus)}`;
  if (result.status !== 'failed') {
    return info(`${result.status}${late === true ? ' late' : ''}${time}${cost}`);
  }
  const { kind, message } = result.failure;
  const wasAborted = late === true || attempt?.status === 'cancelled';
  const level = wasAborted ? 'info' : 'error';
  return { level, text: `failed${time}${cost} ${kind}: ${message}` };
}

function nodeEnd(event: Extract<TraceEvent, { readonly type: 'node.finished' }>): Said {
  const { outcome } = event;
  // The root’s end is the run’s.
  if (event.path === '') return debug(outcome.status);
  switch (outcome.status) {
    case 'failed':
      return { level: 'error', text: `failed ${outcome.failure.kind}: ${outcome.failure.message}` };
    case 'skipped':
      return info(`skipped: ${outcome.because}`);
    case 'cancelled':
      return info(`cancelled by ${outcome.by}`);
    case 'succeeded':
    case 'degraded':
      return info(outcome.status);
  }
}

function driven(event: Extract<TraceEvent, { type: 'run.driven' }>): Said {
  const { pid, host, epoch, sandbox, ended } = event;
  const other = sandbox === undefined ? '' : `, from here on with sandbox ${sandbox}`;
  const by = `driven by pid ${pid} on ${host}, epoch ${epoch}${other}`;
  if (ended === undefined) return sandbox === undefined ? debug(by) : info(by);
  const what = ended === 1 ? '1 process' : `${ended} processes`;
  return info(`${by}; ended ${what} that the driver before it had left running`);
}

function lostText({ because, ended = 0 }: Extract<TraceEvent, { type: 'leaf.lost' }>): string {
  if (because === 'tree')
    return 'lost: its tree was deleted under it; the next attempt gets a new one';
  if (because === undefined) return 'lost with its driver';
  const processes = ended === 1 ? '1 process' : `${ended} processes`;
  const killed = ended === 0 ? '' : `, ${processes} of it killed`;
  return `lost: broken off, it did not end in its grace${killed}`;
}
