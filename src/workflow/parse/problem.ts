/** A finding about a document, before its places are looked up in the source text. */
import type { Diagnostic, Span } from '../../base/diagnostic.ts';
import type { ErrorCode } from '../../base/error-codes.ts';
import type { Json } from '../../base/json.ts';

type Path = readonly (string | number)[];
type Find = (path: Path, part: 'key' | 'value') => Span | undefined;

export interface Problem {
  readonly code: ErrorCode;
  readonly severity?: 'warning';
  readonly message: string;
  readonly at: Path;
  /** `key`: the field’s name is to be underlined, not its value. */
  readonly part?: 'key';
  readonly label?: string;
  readonly notes?: readonly string[];
  readonly related?: readonly { readonly message: string; readonly at: Path }[];
  readonly help?: string | undefined;
  /** What was meant by a name: the field, or the value where one is near. */
  readonly meant?:
    | { readonly type: 'name'; readonly name: string }
    | {
        readonly type: 'value';
        readonly value: string | undefined;
        readonly values: readonly string[];
      };
  /** What to put where something is missing, so that the other checks can go on. */
  readonly standIn?: { readonly at: Path; readonly value: Json };
}

export function toDiagnostic(problem: Problem, locate: Find): Diagnostic {
  const span = nearest(problem.at, problem.part ?? 'value', locate);
  const related = (problem.related ?? []).flatMap(({ message, at }) => {
    const place = nearest(at, 'value', locate);
    return place === undefined ? [] : [{ message, span: place }];
  });
  return {
    code: problem.code,
    severity: problem.severity ?? 'error',
    message: problem.message,
    ...(span === undefined ? {} : { span }),
    ...(problem.label === undefined ? {} : { label: problem.label }),
    ...(problem.notes === undefined ? {} : { notes: problem.notes }),
    ...(related.length === 0 ? {} : { related }),
    ...(problem.help === undefined ? {} : { help: problem.help }),
  };
}

/** By place in the source; what has none comes last, in the order found. */
export function bySpan(a: Diagnostic, b: Diagnostic): number {
  if (a.span === undefined || b.span === undefined)
    return Number(a.span === undefined) - Number(b.span === undefined);
  if (a.span.file !== b.span.file) return a.span.file < b.span.file ? -1 : 1;
  return a.span.line - b.span.line || a.span.column - b.span.column;
}

/** Short forms and defaults have no place of their own: what holds them has. */
function nearest(at: Path, part: 'key' | 'value', locate: Find): Span | undefined {
  const exact = locate(at, part);
  if (exact !== undefined) return exact;
  for (let length = at.length; length >= 0; length -= 1) {
    const span = locate(at.slice(0, length), 'value');
    if (span !== undefined) return span;
  }
  return undefined;
}
