/**
 * What has to hold before anything looks into a document: it is JSON, of bounded size and depth, with
 * no key that could reach a prototype and no integer that has lost digits. Walks with a stack of its
 * own, since depth is the author’s.
 */
import { isForbiddenKey, MAX_DOCUMENT_DEPTH, MAX_KEYS, MAX_VALUES } from '../document-limits.ts';
import type { Problem } from './problem.ts';

const MAX_PROBLEMS = 100;
type Path = readonly (string | number)[];

export function guardDocument(document: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  const open: { readonly value: unknown; readonly at: Path }[] = [{ value: document, at: [] }];
  let values = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, at } = next;
    values += 1;
    if (values > MAX_VALUES) {
      problems.push({ code: 'WF1006', message: 'the document has too many values', at: [] });
      break;
    }
    if (problems.length >= MAX_PROBLEMS) break;
    if (typeof value === 'object' && value !== null) {
      if (at.length >= MAX_DOCUMENT_DEPTH) {
        const message = `nested deeper than ${MAX_DOCUMENT_DEPTH} levels`;
        return [...problems, { code: 'WF1006', message, at }];
      }
      const members = membersOf(value, at, problems);
      for (let index = members.length - 1; index >= 0; index -= 1) {
        const [key, member] = members[index] as readonly [string | number, unknown];
        open.push({ value: member, at: [...at, key] });
      }
    } else checkScalar(value, at, problems);
  }
  return problems;
}

function membersOf(value: object, at: Path, problems: Problem[]): [string | number, unknown][] {
  if (Array.isArray(value)) return [...value].map((item, index) => [index, item]);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    problems.push({ code: 'WF1004', message: 'a value that is not JSON', at });
    return [];
  }
  const entries = Object.entries(value);
  if (entries.length > MAX_KEYS)
    problems.push({ code: 'WF1006', message: `a map with more than ${MAX_KEYS} keys`, at });
  for (const [key] of entries) {
    if (isForbiddenKey(key))
      problems.push({
        code: 'WF1007',
        message: `the key \`${key}\` is not allowed`,
        at: [...at, key],
        part: 'key',
      });
  }
  return entries;
}

function checkScalar(value: unknown, at: Path, problems: Problem[]): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') {
    if (!value.isWellFormed())
      problems.push({ code: 'WF1004', message: 'text with half of a surrogate pair', at });
    return;
  }
  if (typeof value === 'number' && Number.isFinite(value)) {
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return;
    problems.push({
      code: 'WF1009',
      message: 'an integer past 2^53 - 1 loses digits',
      at,
      help: 'write it as a string',
    });
    return;
  }
  problems.push({ code: 'WF1004', message: 'a value that is not JSON', at });
}
