/** What members of a table in a config file may be; each reader says by WF2007 what it wants instead. */
import { isVariableName } from './models/read-provider.ts';
import { type Entry, isTable, misfit } from './table-entry.ts';

const isWord = (word: unknown): word is string => typeof word === 'string' && !word.includes('\0');

/** A text that is not empty. @throws {WhaleFlowError} WF2007 */
export function readText(member: Entry | undefined): string | undefined {
  if (member === undefined) return undefined;
  if (isWord(member.value) && member.value !== '') return member.value;
  throw misfit(member.span, `${member.name} is no text`);
}

/** @throws {WhaleFlowError} WF2007 */
export function readSwitch(member: Entry | undefined): boolean | undefined {
  if (member === undefined) return undefined;
  if (typeof member.value === 'boolean') return member.value;
  throw misfit(member.span, `${member.name} is true or false`);
}

/** @throws {WhaleFlowError} WF2007 */
export function readChoice<T extends string>(
  member: Entry | undefined,
  choices: readonly T[],
): T | undefined {
  if (member === undefined) return undefined;
  const found = choices.find((choice) => choice === member.value);
  if (found !== undefined) return found;
  throw misfit(member.span, `${member.name} is one of ${choices.join(', ')}`);
}

/** Seconds above 0. @throws {WhaleFlowError} WF2007 */
export function readSeconds(member: Entry | undefined, otherwise: number, most: number): number {
  if (member === undefined) return otherwise;
  const { value, span, name } = member;
  if (typeof value === 'number' && value > 0 && value <= most) return value;
  throw misfit(span, `${name} is a number above 0, at most ${most}`);
}

/** A list of texts. @throws {WhaleFlowError} WF2007 */
export function readWords(member: Entry | undefined): readonly string[] | undefined {
  if (member === undefined) return undefined;
  const { value } = member;
  if (Array.isArray(value) && value.every(isWord)) return value;
  throw misfit(member.span, `${member.name} is a list of texts`);
}

/** Names of variables; what looks like a key in their place is not quoted. @throws {WhaleFlowError} WF2007 */
export function readVariableNames(member: Entry | undefined): readonly string[] | undefined {
  const words = readWords(member);
  if (member === undefined || words === undefined) return undefined;
  if (words.every(isVariableName)) return words;
  throw misfit(member.span, `${member.name} is a list of names of variables`);
}

/** A table of variables and their texts. @throws {WhaleFlowError} WF2007 */
export function readVariables(member: Entry | undefined): Readonly<Record<string, string>> {
  if (member === undefined) return {};
  const rows = isTable(member.value) ? Object.entries(member.value) : undefined;
  if (rows?.every(([name, text]) => isVariableName(name) && isWord(text))) {
    return Object.fromEntries(rows) as Readonly<Record<string, string>>;
  }
  throw misfit(member.span, `${member.name} is a table of variables and their texts`);
}
