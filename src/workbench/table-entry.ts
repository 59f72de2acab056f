/** One table or value under a name in a section of a config file, and what is amiss in it. */

import type { Diagnostic, Span } from '../base/diagnostic.ts';
import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { ConfigFile } from './config-file.ts';

export interface Entry {
  readonly file: ConfigFile;
  readonly section: string;
  readonly name: string;
  readonly value: unknown;
  readonly span: Span;
  /** `FILE:LINE`. */
  readonly origin: string;
}

const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export function entriesOf(
  file: ConfigFile,
  section: string,
  warnings: Diagnostic[],
): readonly Entry[] {
  const table = Object.hasOwn(file.table, section) ? file.table[section] : undefined;
  if (table === undefined) return [];
  if (!isTable(table)) throw misfit(place(file, section), `${section} is no table`);
  return Object.entries(table).flatMap(([name, value]) => {
    const span = place(file, section, name);
    if (!FORBIDDEN.has(name)) {
      return [{ file, section, name, value, span, origin: originOf(span) }];
    }
    warnings.push(unknown(`${section}.${name}`, span, []));
    return [];
  });
}

/** The members of an entry that is a table; what it does not know is a warning. @throws {WhaleFlowError} WF2007 */
export function membersOf(
  entry: Entry,
  known: readonly string[],
  warnings: Diagnostic[],
): ReadonlyMap<string, Entry> {
  const { file, section, name, value } = entry;
  if (!isTable(value)) throw misfit(entry.span, `${section}.${name} is no table`);
  const members = new Map<string, Entry>();
  for (const [member, inner] of Object.entries(value)) {
    const span = place(file, section, name, member);
    if (known.includes(member)) {
      members.set(member, { ...entry, name: member, value: inner, span, origin: originOf(span) });
    } else warnings.push(unknown(`${section}.${name}.${member}`, span, known));
  }
  return members;
}

/** An error that quotes no line: a secret might stand there. */
export function misfit({ file, line }: Span, message: string, hint?: string): WhaleFlowError {
  return new WhaleFlowError('WF2007', `${message} (${file}:${line})`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

export function unknown(key: string, span: Span, known: readonly string[]): Diagnostic {
  const help = suggestion(key.slice(key.lastIndexOf('.') + 1), known);
  return {
    code: 'WF2007',
    severity: 'warning',
    message: `unknown key ${key}`,
    span,
    ...(help === undefined ? {} : { help }),
  };
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function place(file: ConfigFile, ...key: readonly string[]): Span {
  return { file: file.path, line: file.lineOf(...key), column: 1 };
}

const originOf = ({ file, line }: Span): string => `${file}:${line}`;
