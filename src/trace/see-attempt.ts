/** What events change in the attempts that they are about. */
import type { AttemptBook } from './attempt-book.ts';
import type { AttemptStatus, AttemptView } from './attempt-view.ts';
import type { Fact, TraceEvent } from './events.ts';
import { addCall } from './rollup.ts';

/** Folds an event into the book of its leaf’s attempts. Says whether an attempt has ended with it. */
export function seeAttempt(book: AttemptBook, event: TraceEvent): boolean {
  switch (event.type) {
    case 'leaf.requested':
      book.begin(event);
      return false;
    case 'leaf.started': {
      const view = touched(book, event);
      if (view === undefined) return false;
      view.status = 'running';
      view.startedAt = event.at;
      view.route = event.route;
      view.sandbox = event.sandbox;
      return false;
    }
    case 'model.requested':
      touched(book, event);
      return false;
    case 'model.called': {
      const { type: _type, path: _path, attempt: _attempt, seq: _seq, ...call } = event;
      const view = touched(book, event);
      view?.calls.push(call);
      if (view !== undefined) addCall(view, call);
      return false;
    }
    case 'tool.called': {
      const { type: _type, path: _path, attempt: _attempt, seq: _seq, ...tool } = event;
      const view = touched(book, event);
      view?.tools.push(tool);
      if (view !== undefined) view.toolCalls += 1;
      return false;
    }
    case 'leaf.continued': {
      const view = touched(book, event);
      if (view === undefined) return false;
      const { calls, tools, dropped } = event;
      view.continued = { calls, tools, ...(dropped === undefined ? {} : { dropped }) };
      return false;
    }
    case 'leaf.restarted': {
      const view = book.of(event.path).at(-1);
      if (view !== undefined && view.finishedAt === undefined) view.isOpen = false;
      return false;
    }
    case 'leaf.aborted': {
      const view = book.of(event.path).at(-1);
      if (view !== undefined && view.finishedAt === undefined) view.status = 'cancelled';
      return false;
    }
    case 'leaf.finished':
      return finish(touched(book, event), event);
    case 'leaf.lost': {
      const view = touched(book, event);
      return view !== undefined && close(view, 'lost');
    }
    default:
      return false;
  }
}

function finish(
  view: AttemptView | undefined,
  event: Extract<Fact, { readonly type: 'leaf.finished' }>,
): boolean {
  if (view === undefined) return false;
  const { result, patch, tree, fruit = [], from } = event;
  const { status } = result;
  view.output = result.output;
  view.failure = status === 'failed' ? result.failure : undefined;
  view.patch = patch;
  view.tree = tree;
  view.fruit = fruit;
  view.from = from;
  if (!isBrokenOff(event)) view.isOpen = false;
  return close(view, status);
}

/** The attempt has not ended by itself: the next one takes over its record. */
export function isBrokenOff({
  late,
  short,
  stop,
}: Extract<Fact, { readonly type: 'leaf.finished' }>): boolean {
  return late === true || short !== undefined || stop !== undefined;
}

function close(view: AttemptView, status: AttemptStatus): boolean {
  if (view.finishedAt !== undefined) return false;
  if (view.status !== 'cancelled') view.status = status;
  view.finishedAt = view.lastActivityAt;
  return true;
}

function touched(
  book: AttemptBook,
  { path, attempt, at }: { readonly path: string; readonly attempt: number; readonly at: number },
): AttemptView | undefined {
  const view = book.find(path, attempt);
  if (view !== undefined) view.lastActivityAt = at;
  return view;
}
