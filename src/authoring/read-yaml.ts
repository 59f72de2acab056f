/**
 * YAML 1.2 (core schema) with places. Sizes are counted on the tokens before anything is built, since
 * building is quadratic in some of them; anchors are few, keys are text, one document a file.
 */
import type { Alias, Document, Node, ParsedNode, YAMLMap, YAMLParseError } from 'yaml';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { loadYaml } from '../base/load-yaml.ts';
import { outsizedYaml } from '../base/outsized-yaml.ts';
import { MAX_DOCUMENT_DEPTH, MAX_KEYS, MAX_VALUES } from '../workflow/document-limits.ts';
import { type FrontEnd, type FrontEndResult, type SourceInput, tooLarge } from './front-end.ts';
import { type Located, toLocate } from './located.ts';
import { withCamelCase } from './snake-case.ts';
import { type SourceText, sourceText } from './source-text.ts';

export const yamlFrontEnd: FrontEnd = {
  language: 'yaml',
  extensions: ['.yaml', '.yml'],
  read: readYaml,
};

const LIMITS = { depth: MAX_DOCUMENT_DEPTH, parts: 40_000, aliases: 50 };
const MAX_DIAGNOSTICS = 100;

function readYaml(input: SourceInput): FrontEndResult {
  const large = tooLarge(input);
  if (large !== undefined) return { diagnostics: [large] };
  const source = sourceText(input.file, input.text);
  const outsized = outsizedYaml(input.text, LIMITS);
  if (outsized !== undefined) {
    const { code, message, range } = outsized;
    return { diagnostics: [problem(source, code, message, range)] };
  }
  const document = loadYaml().parseDocument(input.text, {
    uniqueKeys: false,
    intAsBigInt: false,
    stringKeys: false,
    prettyErrors: false,
    // `silent` would also be silent about a second document.
    logLevel: 'error',
  });
  // What follows the first slip is mostly its echo.
  const [first] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first !== undefined) return { diagnostics: [toSyntax(first, source)] };
  const builder = new Builder(document, source);
  const { value, located } = builder.build();
  if (builder.diagnostics.length > 0) return { diagnostics: builder.diagnostics };
  return { document: withCamelCase(value), locate: toLocate(located, source) };
}

function problem(
  source: SourceText,
  code: ErrorCode,
  message: string,
  [start, end]: readonly [number, number],
): Diagnostic {
  return { code, severity: 'error', message, span: source.span(start, end) };
}

/** The parser’s own words for what its tokens are called help nobody. */
const UNEXPECTED = 'unexpected text here';
const MESSAGES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a workflow file holds one document',
  UNEXPECTED_TOKEN: UNEXPECTED,
  TAG_RESOLVE_FAILED: 'tags are not taken',
};

function toSyntax(
  { code, message, pos }: Pick<YAMLParseError, 'message' | 'pos'> & { readonly code: string },
  source: SourceText,
): Diagnostic {
  const own = `${message.charAt(0).toLowerCase()}${message.slice(1)}`.split('\n')[0] as string;
  const said = MESSAGES[code] ?? own;
  const found = problem(source, 'WF1001', said, [pos[0], Math.min(pos[1], pos[0] + 1)]);
  const line = source.text.split('\n', (found.span?.line ?? 1) + 1)[(found.span?.line ?? 1) - 1];
  return said === UNEXPECTED || line?.includes('{{') === true
    ? { ...found, help: 'put quotes around the whole of a text that holds `{`, `[`, `"` or `: `' }
    : found;
}

interface Read {
  readonly value: unknown;
  readonly located: Located;
}

class Builder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #yaml = loadYaml();
  readonly #document: Document.Parsed;
  readonly #source: SourceText;
  readonly #targets = new Map<Alias, Node | undefined>();
  #values = 0;

  constructor(document: Document.Parsed, source: SourceText) {
    this.#document = document;
    this.#source = source;
  }

  build(): Read {
    return this.#read(this.#document.contents, [0, 0], 0);
  }

  #read(node: Node | null | undefined, place: readonly [number, number], depth: number): Read {
    this.#values += 1;
    const range = node?.range;
    const value: readonly [number, number] =
      range === null || range === undefined ? place : [range[0], range[1]];
    if (this.#values > MAX_VALUES) {
      if (this.#values === MAX_VALUES + 1) this.#report('WF1008', 'aliases grow too large', value);
      return { value: null, located: { value } };
    }
    if (depth > MAX_DOCUMENT_DEPTH) {
      this.#report('WF1006', `nested deeper than ${MAX_DOCUMENT_DEPTH} levels`, value);
      return { value: null, located: { value } };
    }
    if (this.#yaml.isAlias(node)) {
      // The place of a value that stands elsewhere is where it was called for.
      const target = this.#target(node);
      if (target === undefined)
        this.#report('WF1001', `no anchor \`${node.source}\` before this`, value);
      const read = this.#read(target, value, depth + 1);
      return { value: read.value, located: { ...read.located, value } };
    }
    if (this.#yaml.isMap(node)) return this.#map(node, value, depth);
    if (this.#yaml.isSeq(node)) {
      const reads = node.items.map((item) => this.#read(item as ParsedNode, value, depth + 1));
      return {
        value: reads.map((read) => read.value),
        located: { value, items: reads.map(({ located }) => located) },
      };
    }
    return {
      value: this.#yaml.isScalar(node) ? this.#scalar(node.value, value) : null,
      located: { value },
    };
  }

  /** Finding an anchor walks the document, so each alias is looked up once. */
  #target(alias: Alias): Node | undefined {
    if (!this.#targets.has(alias)) this.#targets.set(alias, alias.resolve(this.#document));
    return this.#targets.get(alias);
  }

  #map(node: YAMLMap, range: readonly [number, number], depth: number): Read {
    const value: Record<string, unknown> = Object.create(null);
    const members = new Map<string, Located>();
    if (node.items.length > MAX_KEYS)
      this.#report('WF1006', `a map with more than ${MAX_KEYS} keys`, [range[0], range[0] + 1]);
    for (const pair of node.items) {
      const { key } = pair;
      const place: readonly [number, number] =
        this.#yaml.isScalar(key) && key.range ? [key.range[0], key.range[1]] : range;
      if (!this.#yaml.isScalar(key) || typeof key.value !== 'string') {
        this.#report('WF1004', 'a key that is not text', place);
        continue;
      }
      if (members.has(key.value)) {
        this.#report('WF1001', `the key \`${key.value}\` stands twice in one map`, place);
        continue;
      }
      const read = this.#read(pair.value as ParsedNode | null, place, depth + 1);
      value[key.value] = read.value;
      members.set(key.value, { ...read.located, key: place });
    }
    return { value, located: { value: range, members } };
  }

  #scalar(value: unknown, range: readonly [number, number]): unknown {
    if (typeof value === 'number') {
      const isExact =
        Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
      if (!isExact) this.#report('WF1009', 'a number that cannot be held exactly', range);
      return isExact ? value : 0;
    }
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    this.#report('WF1004', 'a value that JSON has not', range);
    return null;
  }

  #report(code: ErrorCode, message: string, range: readonly [number, number]): void {
    if (this.diagnostics.length >= MAX_DIAGNOSTICS) return;
    this.diagnostics.push(problem(this.#source, code, message, range));
  }
}
