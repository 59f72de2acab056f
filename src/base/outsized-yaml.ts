/**
 * Sizes of a YAML text, counted on its tokens in linear time and before anything is built: building is
 * quadratic in some of them and recursive in others.
 */
import { loadYaml } from './load-yaml.ts';

export interface YamlLimits {
  /** Levels of maps and lists. */
  readonly depth: number;
  /** Keys of all maps and items of all lists together; each takes 2.5 KB while it is read. */
  readonly parts: number;
  readonly aliases: number;
}

export interface OutsizedYaml {
  readonly code: 'WF1006' | 'WF1008';
  readonly message: string;
  /** Offsets of the token that was one too many. */
  readonly range: readonly [start: number, end: number];
}

/** The first limit that is passed, if any. */
export function outsizedYaml(text: string, limits: YamlLimits): OutsizedYaml | undefined {
  let offset = 0;
  let column = 0;
  let flow = 0;
  let parts = 0;
  let aliases = 0;
  let isLineStart = true;
  const indents: number[] = [];
  const { Lexer } = loadYaml();
  for (const token of new Lexer().lex(text)) {
    const first = token[0] as string;
    const width = token.length === 1 && MARKERS.has(token) ? 0 : token.length;
    const range: readonly [number, number] = [offset, offset + width];
    if (token === '[' || token === '{') flow += 1;
    else if (token === ']' || token === '}') flow -= 1;
    else if (token === ':' || token === ',' || token === '-') parts += 1;
    else if (first === '*' && width > 1) aliases += 1;
    if (flow === 0 && isLineStart && width > 0 && first.trim() !== '') {
      while (indents.length > 0 && (indents.at(-1) as number) >= column) indents.pop();
      indents.push(column);
      isLineStart = token === '-' || token === '?';
    }
    if (flow + indents.length > limits.depth + 1)
      return { code: 'WF1006', message: `nested deeper than ${limits.depth} levels`, range };
    if (parts > limits.parts)
      return { code: 'WF1006', message: `more than ${limits.parts} keys and items`, range };
    if (aliases > limits.aliases)
      return { code: 'WF1008', message: `more than ${limits.aliases} aliases`, range };
    offset += width;
    const lineEnd = token.lastIndexOf('\n');
    if (lineEnd >= 0) {
      column = token.length - lineEnd - 1;
      isLineStart = true;
    } else column += width;
  }
  return undefined;
}

/** Tokens of the lexer that stand for no text: byte order mark, document, scalar, flow end. */
const MARKERS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);
