/**
 * Globs that are matched in time linear in the text for each star, never by a regular expression:
 * patterns and texts come from outside. Two languages. *Text globs* (commands, tools, names): `*` is
 * any run of characters, `\` takes the next one literally. *Path globs*: `*` and `?` within a
 * segment, `**` any number of segments, `{a,b}` alternatives; a pattern without a star that names a
 * folder means everything below it; hidden files match like others.
 */

const ANY: unique symbol = Symbol('any run');
type Token = string | typeof ANY | typeof ONE;
const ONE: unique symbol = Symbol('any one');
const DEEP: unique symbol = Symbol('any segments');
type Segment = readonly Token[] | typeof DEEP;

/** Alternatives of one path glob; with more, it matches nothing and overlaps everything. */
const MAX_ALTERNATIVES = 32;

/** Whether a text glob matches all of `text`. */
export function matchesText(pattern: string, text: string): boolean {
  return matches(textTokens(pattern), [...text]);
}

/** The text glob that matches exactly `text`. */
export function literalGlob(text: string): string {
  return text.replace(/[*\\]/g, '\\$&');
}

/**
 * Whether every text that `inner` matches is matched by one of `outer`. Never wrongly true; false
 * where only several of `outer` together cover it.
 */
export function textGlobCovers(outer: readonly string[], inner: string): boolean {
  // Rights that a workflow spells out are covered by themselves; thousands of them must stay cheap.
  if (outer.includes(inner)) return true;
  const wanted = textTokens(inner);
  return outer.some((pattern) => matches(textTokens(pattern), wanted));
}

/** A path glob, taken apart once. */
export interface PathGlob {
  /** One per alternative; undefined where there are too many to look at. */
  readonly branches: readonly PathBranch[] | undefined;
}

interface PathBranch {
  readonly segments: readonly Segment[];
  /** Leading segments without a star, for quick comparison. */
  readonly prefix: readonly string[];
  /** All segments are without a star. */
  readonly isWhole: boolean;
}

export function compilePathGlob(pattern: string): PathGlob {
  const branches = alternatives(pattern)?.map((one): PathBranch => {
    const plain = segmentsOf(one);
    const starred = plain.findIndex((segment) => /[*?]/.test(segment));
    return {
      segments: pathSegments(one),
      prefix: starred < 0 ? plain : plain.slice(0, starred),
      isWhole: starred < 0,
    };
  });
  return { branches };
}

/** The part of a path glob that is no pattern: segments from the root, before the first with a star. */
export interface LiteralPrefix {
  readonly segments: readonly string[];
  /** Nothing follows: it names one file, or a folder with all below it. */
  readonly isWhole: boolean;
}

/** One per alternative; none where there are too many, since such a glob matches nothing. */
export function literalPrefixes(pattern: string): readonly LiteralPrefix[] {
  const { branches = [] } = compilePathGlob(pattern);
  return branches.map(({ prefix, isWhole }) => ({ segments: prefix, isWhole }));
}

/** Whether a path glob matches a path with `/` between segments. */
export function matchesPath(pattern: string | PathGlob, path: string): boolean {
  const { branches = [] } = typeof pattern === 'string' ? compilePathGlob(pattern) : pattern;
  const text = segmentsOf(path).map((segment) => [...segment]);
  return branches.some(({ segments }) => matchesSegments(segments, text));
}

/** Whether every path below `inner` is matched by one of `outer`. Never wrongly true. */
export function pathGlobCovers(outer: readonly string[], inner: string): boolean {
  const patterns = outer.flatMap((pattern) => compilePathGlob(pattern).branches ?? []);
  const wanted = compilePathGlob(inner).branches;
  return (
    wanted?.every((one) =>
      patterns.some((pattern) => matchesSegments(pattern.segments, one.segments)),
    ) === true
  );
}

/** Whether some path is matched by both path globs. Never wrongly false. */
export function pathGlobsOverlap(a: string | PathGlob, b: string | PathGlob): boolean {
  const one = (typeof a === 'string' ? compilePathGlob(a) : a).branches;
  const two = (typeof b === 'string' ? compilePathGlob(b) : b).branches;
  if (one === undefined || two === undefined) return true;
  return one.some((x) =>
    two.some((y) => prefixesMeet(x.prefix, y.prefix) && segmentsOverlap(x.segments, y.segments)),
  );
}

function prefixesMeet(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

function textTokens(pattern: string): Token[] {
  const tokens: Token[] = [];
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index += 1) {
    const character = characters[index] as string;
    if (character === '*') tokens.push(ANY);
    else if (character === '\\' && index + 1 < characters.length) {
      index += 1;
      tokens.push(characters[index] as string);
    } else tokens.push(character);
  }
  return tokens;
}

const segmentsOf = (path: string): string[] =>
  path.split('/').filter((segment) => segment !== '' && segment !== '.');

function pathSegments(pattern: string): Segment[] {
  const segments: Segment[] = segmentsOf(pattern).map((segment) =>
    segment === '**'
      ? DEEP
      : [...segment].map((character) =>
          character === '*' ? ANY : character === '?' ? ONE : character,
        ),
  );
  // A plain name may be a folder; below a pattern with stars nothing more is meant.
  if (!/[*?]/.test(pattern)) segments.push(DEEP);
  return segments;
}

/**
 * Takes `{a,b}` apart, innermost first; text with unbalanced braces stays as it is. Undefined where
 * there are too many.
 */
function alternatives(pattern: string): readonly string[] | undefined {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = /\{([^{}]*)\}/.exec(next);
    if (group === null) done.push(next);
    else {
      const before = next.slice(0, group.index);
      const after = next.slice(group.index + group[0].length);
      for (const choice of (group[1] as string).split(',')) open.push(before + choice + after);
    }
    if (open.length + done.length > MAX_ALTERNATIVES) return undefined;
  }
  return done;
}

/**
 * Greedy wildcard matching with one point of return. `text` may itself hold tokens: a star in it is
 * matched by a star only, so that a match means that the pattern covers it.
 */
function matches(pattern: readonly Token[], text: readonly Token[]): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < text.length; ) {
    const token = pattern[at];
    if (token === ANY) {
      star = at;
      at += 1;
      resume = index;
    } else if (at < pattern.length && fits(token as Token, text[index] as Token)) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      resume += 1;
      index = resume;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === ANY) at += 1;
  return at === pattern.length;
}

const fits = (token: Token, character: Token): boolean =>
  token === character || (token === ONE && character !== ANY);

/** The same over segments; a `**` in `path` is matched by a `**` only. */
function matchesSegments(pattern: readonly Segment[], path: readonly Segment[]): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < path.length; ) {
    const token = pattern[at];
    const segment = path[index] as Segment;
    if (token === DEEP) {
      star = at;
      at += 1;
      resume = index;
    } else if (token !== undefined && segment !== DEEP && matches(token, segment)) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      resume += 1;
      index = resume;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === DEEP) at += 1;
  return at === pattern.length;
}

/** Whether two patterns of segments have a path in common: reachability in a table of suffixes. */
function segmentsOverlap(a: readonly Segment[], b: readonly Segment[]): boolean {
  return common(a, b, (token) => token === DEEP, tokensOverlap);
}

function tokensOverlap(a: Segment, b: Segment): boolean {
  if (a === DEEP || b === DEEP) return true;
  const one = (x: Token, y: Token) => x === y || x === ONE || y === ONE;
  return common(a, b, (token) => token === ANY, one);
}

function common<T>(
  a: readonly T[],
  b: readonly T[],
  isAny: (token: T) => boolean,
  meet: (x: T, y: T) => boolean,
): boolean {
  let next: boolean[] = [];
  for (let i = a.length; i >= 0; i -= 1) {
    const row: boolean[] = [];
    for (let j = b.length; j >= 0; j -= 1) {
      const x = a[i];
      const y = b[j];
      if (i === a.length && j === b.length) row[j] = true;
      else if (x !== undefined && isAny(x))
        row[j] = next[j] === true || (j < b.length && row[j + 1] === true);
      else if (y !== undefined && isAny(y))
        row[j] = row[j + 1] === true || (i < a.length && next[j] === true);
      else row[j] = x !== undefined && y !== undefined && meet(x, y) && next[j + 1] === true;
    }
    next = row;
  }
  return next[0] === true;
}
