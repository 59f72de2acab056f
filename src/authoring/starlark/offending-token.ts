/**
 * Where the token stands that a parser stumbled over. Starlark in Go, whose positions ours are held
 * against, points behind the token that it got; people look for what is underlined.
 */
export interface TokenPlace {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

const LAST_TOKEN = /(?:\w+|"[^"]*"|'[^']*'|[^\w\s"']{1,3})\s*$/;

/** Undefined where it cannot be told, so that the place as given is the best one. */
export function offendingToken(
  message: string,
  { line, column }: { readonly line: number; readonly column: number },
  lineAt: (line: number) => string | undefined,
): TokenPlace | undefined {
  const got = /^got (.+?), want /.exec(message)?.[1];
  if (got === undefined) return undefined;
  if (got === 'newline') return endOfLine(line - 1, lineAt(line - 1));
  const before = lineAt(line)?.slice(0, column - 1) ?? '';
  const punctuation = /^'(.+)'$/.exec(got)?.[1];
  const end = before.trimEnd().length;
  const length =
    punctuation !== undefined && before.trimEnd().endsWith(punctuation)
      ? punctuation.length
      : LAST_TOKEN.exec(before)?.[0].trimEnd().length;
  if (length === undefined) return undefined;
  return { line, column: end - length + 1, endColumn: end + 1 };
}

/** What is missing belongs behind the last character of the line that ended too early. */
function endOfLine(line: number, text: string | undefined): TokenPlace | undefined {
  if (text === undefined) return undefined;
  const column = text.trimEnd().length + 1;
  return { line, column, endColumn: column + 1 };
}
