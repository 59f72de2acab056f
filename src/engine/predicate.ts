import canonicalize from 'canonicalize';
import type { Json } from '../base/json.ts';
import { isSuccess, type RunState } from '../trace/run-state.ts';
import type { Predicate } from '../workflow/reference.ts';
import { readField, resolve, settledOf, type Viewpoint } from './viewpoint.ts';

/**
 * Evaluates a condition on what is recorded. A node that has not been there has neither succeeded nor
 * failed, and a value that is not there equals nothing. Of an expand, every instance counts.
 */
export function holds(state: RunState, from: Viewpoint, predicate: Predicate): boolean {
  switch (predicate.op) {
    case 'succeeded':
    case 'failed': {
      const ended = settledOf(state, resolve(state, from, predicate));
      const wanted = predicate.op === 'succeeded';
      return (
        ended.length > 0 &&
        ended.every((node) =>
          node === undefined ? false : wanted ? isSuccess(node) : node.status === 'failed',
        )
      );
    }
    case 'equals': {
      const value = readField(state, resolve(state, from, predicate), predicate.field ?? '');
      return value !== undefined && isSameJson(value, predicate.value);
    }
    case 'at_least':
    case 'at_most': {
      const value = readField(state, resolve(state, from, predicate), predicate.field ?? '');
      if (typeof value !== 'number') return false;
      return predicate.op === 'at_least' ? value >= predicate.value : value <= predicate.value;
    }
    case 'all_of':
      return predicate.of.every((part) => holds(state, from, part));
    case 'any_of':
      return predicate.of.some((part) => holds(state, from, part));
    case 'negate':
      return !holds(state, from, predicate.of);
  }
}

function isSameJson(a: Json, b: Json): boolean {
  return a === b || canonicalize(a) === canonicalize(b);
}
