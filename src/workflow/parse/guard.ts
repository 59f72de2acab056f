/**
 * What has to hold before anything looks into a document: it is JSON, of bounded size and depth, with
 * no key that could reach a prototype and no integer that has lost digits. Walks with a stack of its
 * own, since depth is the author’s.
 */
import { isForbiddenKey, MAX_DOCUMENT_DEPTH, MAX_KEYS, MAX_VALUES } from '../document-limits.ts';
import type { Problem } from './problem.ts';

const MAX_PROBLEMS = 100;

/** A value with its place, which is only put together where something is wrong there. */
interface Member {
  readonly value: unknown;
  readonly depth: number;
  readonly key: string | number;
  readonly around: Member | undefined;
}

function pathOf(member: Member): readonly (string | number)[] {
  const path: (string | number)[] = [];
  for (let at = member; at.around !== undefined; at = at.around) path.unshift(at.key);
  return path;
}

export function guardDocument(document: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  const open: Member[] = [{ value: document, depth: 0, key: '', around: undefined }];
  let values = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    values += 1;
    if (values > MAX_VALUES) {
      problems.push({ code: 'WF1006', message: 'the document has too many values', at: [] });
      break;
    }
    if (problems.length >= MAX_PROBLEMS) break;
    if (typeof value === 'object' && value !== null) {
      if (depth >= MAX_DOCUMENT_DEPTH) {
        const message = `nested deeper than ${MAX_DOCUMENT_DEPTH} levels`;
        return [...problems, { code: 'WF1006', message, at: pathOf(next) }];
      }
      if (Array.isArray(value)) openItems(open, value, next);
      else openFields(open, value, { around: next, problems });
    } else checkScalar(next, problems);
  }
  return problems;
}

/** The first item is looked at first. A hole counts as what is read from it. */
function openItems(open: Member[], items: readonly unknown[], around: Member): void {
  const depth = around.depth + 1;
  for (let key = items.length - 1; key >= 0; key -= 1) {
    open.push({ value: items[key], depth, key, around });
  }
}

function openFields(
  open: Member[],
  value: object,
  { around, problems }: { readonly around: Member; readonly problems: Problem[] },
): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    problems.push({ code: 'WF1004', message: 'a value that is not JSON', at: pathOf(around) });
    return;
  }
  const keys = Object.keys(value);
  if (keys.length > MAX_KEYS) {
    const message = `a map with more than ${MAX_KEYS} keys`;
    problems.push({ code: 'WF1006', message, at: pathOf(around) });
  }
  for (const key of keys) {
    if (!isForbiddenKey(key)) continue;
    const message = `the key \`${key}\` is not allowed`;
    problems.push({ code: 'WF1007', message, at: [...pathOf(around), key], part: 'key' });
  }
  const depth = around.depth + 1;
  const fields = value as Readonly<Record<string, unknown>>;
  for (let index = keys.length - 1; index >= 0; index -= 1) {
    const key = keys[index] as string;
    open.push({ value: fields[key], depth, key, around });
  }
}

function checkScalar(member: Member, problems: Problem[]): void {
  const { value } = member;
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') {
    if (!value.isWellFormed())
      problems.push({
        code: 'WF1004',
        message: 'text with half of a surrogate pair',
        at: pathOf(member),
      });
    return;
  }
  if (typeof value === 'number' && Number.isFinite(value)) {
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return;
    problems.push({
      code: 'WF1009',
      message: 'an integer past 2^53 - 1 loses digits',
      at: pathOf(member),
      help: 'write it as a string',
    });
    return;
  }
  problems.push({ code: 'WF1004', message: 'a value that is not JSON', at: pathOf(member) });
}
