/**
 * Fields may be written in snake_case in JSON and YAML. Only known fields of the IR are renamed, and
 * only where the IR has them: never inside params, schemas, values, or names of inputs. What both
 * forms name stays, and the gate refuses it.
 */

type Shape = 'workflow' | 'node' | 'task' | 'inputs' | 'reference' | 'predicate' | 'plain';
type Fields = Readonly<Record<string, Shape | readonly [Shape] | undefined>>;

const plain = (...names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, undefined]));

const BUDGET = plain('maxCostMicroUsd', 'maxTokens', 'maxLeaves', 'maxSteps', 'maxMs');
const MODEL_POLICY = plain('maxOutputTokens');
const PROMOTION = plain(
  'minScoreDelta',
  'maxCostDelta',
  'requiredTests',
  'minCases',
  'maxStaleDays',
);
const RETRY = plain('maxAttempts', 'backoffMs', 'maxBackoffMs');

/** Fields of two or more words, and those that hold something with such fields. */
const SHAPES: Readonly<Record<Shape, Fields>> = {
  workflow: {
    ...plain('irVersion'),
    budget: 'plain',
    permissions: 'plain',
    modelPolicy: 'plain',
    promotionPolicy: 'plain',
    output: 'reference',
    nodes: ['node'],
  },
  node: {
    ...plain(
      'fileScope',
      'onFailure',
      'maxParallel',
      'maxIterations',
      'onExhausted',
      'maxChildren',
    ),
    ...plain('minScore', 'maxItems', 'timeoutMs', 'onTimeout', 'permissions'),
    budget: 'plain',
    modelPolicy: 'plain',
    promotionPolicy: 'plain',
    retry: 'plain',
    harvest: 'task',
    task: 'task',
    inputs: 'inputs',
    children: ['node'],
    // biome-ignore lint/suspicious/noThenProperty: a field of the IR
    then: ['node'],
    else: ['node'],
    template: 'node',
    onConflict: 'node',
    until: 'predicate',
    test: 'predicate',
    source: 'reference',
    objectives: ['plain'],
  },
  task: plain(
    'maxCostMicroUsd',
    'agentType',
    'maxTurns',
    'timeoutMs',
    'okExitCodes',
    'caseSensitive',
    'maxMatches',
    'maxDepth',
    'maxCalls',
  ),
  inputs: {},
  reference: {},
  predicate: { of: 'predicate' },
  plain: { ...BUDGET, ...MODEL_POLICY, ...PROMOTION, ...RETRY },
};

/** A copy of a document with known fields of snake_case renamed; the order of fields stays. */
export function withCamelCase(document: unknown): unknown {
  return renamed(document, 'workflow');
}

function renamed(value: unknown, shape: Shape): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, shape));
  if (typeof value !== 'object' || value === null) return value;
  const fields = SHAPES[shape];
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, member] of Object.entries(value)) {
    const camel = toCamelCase(key);
    const isKnown = camel !== key && Object.hasOwn(fields, camel) && !Object.hasOwn(value, camel);
    const name = isKnown ? camel : key;
    const inner = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (inner === undefined) copy[name] = member;
    else copy[name] = renamed(member, typeof inner === 'string' ? inner : inner[0]);
  }
  return copy;
}

export function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
