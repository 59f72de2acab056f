/**
 * Reads a fixture: a YAML list of rules. Closed like every file that an author writes, so that a slip of
 * the pen is found with its place and does not silently answer nothing.
 */
import type { Document } from 'yaml';
import * as z from 'zod';
import type { Diagnostic, Span } from '../../base/diagnostic.ts';
import { suggestion } from '../../base/did-you-mean.ts';
import type { Json } from '../../base/json.ts';
import { loadYaml } from '../../base/load-yaml.ts';
import { type OutsizedYaml, outsizedYaml } from '../../base/outsized-yaml.ts';
import { failureKinds } from '../../workflow/limits.ts';
import { wellFormed } from '../canonical-json.ts';
import type { MockFixture, MockRule } from '../mock-rule.ts';

export type ParsedFixture =
  | { readonly fixture: MockFixture }
  | { readonly diagnostics: readonly Diagnostic[] };

const MAX_FIXTURE_BYTES = 1024 * 1024;
const LIMITS = { depth: 64, parts: 40_000, aliases: 0 };
const MAX_LATENCY_MS = 3_600_000;

const count = z.int().min(0);
const positive = z.int().min(1);
const ruleSchema = z.strictObject({
  path: z.string().min(1),
  iteration: z.exactOptional(positive),
  attempt: z.exactOptional(positive),
  answer: z.exactOptional(z.string()),
  json: z.exactOptional(z.json() as z.ZodType<Json>),
  exit: z.exactOptional(z.int().min(0).max(255)),
  stdout: z.exactOptional(z.string()),
  matches: z.exactOptional(
    z.array(
      z.strictObject({
        path: z.string().min(1),
        line: positive.default(1),
        column: positive.default(1),
        text: z.string().default(''),
      }),
    ),
  ),
  fail: z.exactOptional(
    z.strictObject({
      kind: z.enum(failureKinds),
      message: z.string().default('failed as the fixture says'),
    }),
  ),
  latencyMs: z.exactOptional(count.max(MAX_LATENCY_MS)),
  usage: z.exactOptional(
    z.strictObject({
      uncached: z.exactOptional(count),
      cacheRead: z.exactOptional(count),
      cacheWrite: z.exactOptional(count),
      output: z.exactOptional(count),
      reasoning: z.exactOptional(count),
    }),
  ),
  costMicroUsd: z.exactOptional(count),
}) satisfies z.ZodType<MockRule>;

const fixtureSchema = z.array(ruleSchema);

/** Parses the text of a fixture; `file` is how diagnostics call it. Never throws. */
export function parseMockFixture(text: string, file: string): ParsedFixture {
  if (Buffer.byteLength(text) > MAX_FIXTURE_BYTES) {
    return { diagnostics: [problem('WF1006', 'a fixture is at most 1 MiB')] };
  }
  const { LineCounter, parseDocument } = loadYaml();
  const lines = new LineCounter();
  const outsized = outsizedYaml(text, LIMITS);
  if (outsized !== undefined) return { diagnostics: [tooMuch(outsized, text, file)] };
  // Comparing every key with every other is quadratic: it is done below.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const place = (offset: number): Span => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  if (document.errors.length > 0) {
    const diagnostics = document.errors.map((error) =>
      problem('WF1001', firstLine(error.message), place(error.pos[0])),
    );
    return { diagnostics };
  }
  const twice = duplicateKey(document);
  if (twice !== undefined) {
    const message = `the key \`${twice.key}\` stands twice in one map`;
    return { diagnostics: [problem('WF1001', message, place(twice.offset))] };
  }
  const parsed = fixtureSchema.safeParse(document.toJS({ maxAliasCount: 0 }) ?? []);
  if (parsed.success) {
    const rules = wellFormed(parsed.data as unknown as Json) as unknown as readonly MockRule[];
    return { fixture: { rules } };
  }
  const diagnostics = parsed.error.issues.flatMap((issue) => toDiagnostics(issue, document, place));
  return { diagnostics };
}

function tooMuch({ code, message, range }: OutsizedYaml, text: string, file: string): Diagnostic {
  const before = text.slice(0, range[0]).split('\n');
  const span = { file, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  return problem(code, code === 'WF1008' ? 'a fixture has no aliases' : message, span);
}

function duplicateKey(
  document: Document,
): { readonly key: string; readonly offset: number } | undefined {
  const { isScalar, visit } = loadYaml();
  let found: { readonly key: string; readonly offset: number } | undefined;
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          found = { key: String(key.value), offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}

function toDiagnostics(
  issue: z.core.$ZodIssue,
  document: Document,
  place: (offset: number) => Span,
): readonly Diagnostic[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const help = issue.path.length === 1 ? suggestion(key, FIELDS) : undefined;
      const span = place(offsetOfKey(document, issue.path, key));
      const message = `unknown field \`${key}\``;
      return { ...problem('WF1002', message, span), ...(help === undefined ? {} : { help }) };
    });
  }
  const [rule, ...field] = issue.path;
  const isMissing = issue.code === 'invalid_type' && !document.hasIn(issue.path);
  const code = isMissing ? 'WF1003' : issue.code === 'invalid_type' ? 'WF1004' : 'WF1005';
  const message =
    rule === undefined
      ? 'a fixture is a list of rules'
      : field.length === 0
        ? `rule ${Number(rule) + 1} is no map of fields`
        : `rule ${Number(rule) + 1}: \`${field.map(String).join('.')}\` ${isMissing ? 'is missing' : wantedText(issue)}`;
  return [problem(code, message, place(offsetOf(document, issue.path)))];
}

function wantedText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `is no ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_big':
      return `is at most ${issue.maximum}`;
    case 'too_small':
      return issue.origin === 'string' ? 'is empty' : `is at least ${issue.minimum}`;
    case 'invalid_value':
      return `is one of ${issue.values.map(String).join(', ')}`;
    default:
      return 'is no value that fits here';
  }
}

/** What zod calls types, in the words of a page. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'integer',
  array: 'list',
  object: 'map',
};

const FIELDS = Object.keys(ruleSchema.shape);

/** Where a value stands, or the innermost value around it that is there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  const { isNode } = loadYaml();
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range != null) return node.range[0];
  }
  return 0;
}

function offsetOfKey(document: Document, path: readonly PropertyKey[], key: string): number {
  const { isMap, isNode } = loadYaml();
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(map)) return offsetOf(document, path);
  const pair = map.items.find((item) => String(item.key) === key);
  return isNode(pair?.key) ? (pair.key.range?.[0] ?? 0) : offsetOf(document, path);
}

function problem(code: string, message: string, span?: Span): Diagnostic {
  return { code, severity: 'error', message, ...(span === undefined ? {} : { span }) };
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text;
