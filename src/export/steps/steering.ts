/** What people, limits and providers did to a run, as decisions beside its nodes. */
import type { EventBody } from '../../trace/events.ts';
import type { Ruling } from './control.ts';

/** The decision that an event is by itself; undefined for events that are part of a step. */
export function ruleOfEvent(event: EventBody): Ruling | undefined {
  switch (event.type) {
    case 'run.paused':
    case 'run.resumed':
      return { type: event.type.slice('run.'.length), decision: `by ${event.by}` };
    case 'run.cancelled':
      return { type: 'cancel', decision: `by ${event.by}`, ...because(event.reason) };
    case 'run.stopped':
      return {
        type: event.because === 'budget' ? 'budget_stop' : 'stopped',
        decision: event.because,
        ...because(event.message),
      };
    case 'leaf.cancelled':
      return { type: 'cancel', decision: `by ${event.by}` };
    case 'leaf.skipped':
      return { type: 'skip', decision: `by ${event.by}` };
    case 'leaf.restarted':
      return { type: 'restart', decision: `by ${event.by}` };
    case 'budget.raised':
      return { type: 'budget_raised', decision: 'raised', scores: event.budget };
    case 'provider.suspended':
      return { type: 'provider_suspended', decision: event.provider };
    case 'provider.resumed':
      return { type: 'provider_resumed', decision: event.provider };
    case 'branch.harvested': {
      const from = event.leaves.map((path) => ({ type: 'harvested_from', path }));
      const { owner } = event;
      const links = owner === undefined ? from : [...from, { type: 'lost_in', path: owner }];
      return { type: 'harvest', decision: 'kept', candidates: event.leaves, links };
    }
    case 'timer.requested':
      return event.timer.startsWith('retry ')
        ? {
            type: 'retry',
            decision: `attempt ${event.timer.slice('retry '.length)}`,
            reason: `after ${event.delayMs} ms`,
          }
        : undefined;
    default:
      return undefined;
  }
}

const because = (reason: string | undefined): { readonly reason?: string } =>
  reason === undefined ? {} : { reason };
