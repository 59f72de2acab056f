/** What the leaves of a run handed over besides their outputs, with where it comes from. */
import type { JsonObject } from '../base/json.ts';
import type { AttemptView } from '../trace/attempt-view.ts';
import type { Fruit } from '../trace/events.ts';
import type { RunView } from '../trace/run-view.ts';
import { isWithin } from '../workflow/is-within.ts';
import type { NodePath } from '../workflow/node-path.ts';
import { addressText } from './address.ts';
import type { CommandContext } from './context.ts';
import { tableText } from './table-text.ts';

export interface FruitRequest {
  readonly view: RunView;
  /** Losing branches, by the leaves that were harvested for them. */
  readonly harvested: ReadonlyMap<NodePath, NodePath>;
  /** Only what is at and below it; `''` is the whole run. */
  readonly path: NodePath;
  readonly attempt: number | undefined;
  /** The run as it is printed. */
  readonly run: string;
}

interface Entry {
  readonly attempt: AttemptView;
  readonly fruit: Fruit;
  /** The losing branch that it was harvested for. */
  readonly branch: NodePath | undefined;
}

const COLUMNS = [
  { title: 'TYPE' },
  { title: 'WHAT', least: 20 },
  { title: 'FROM', least: 20 },
  { title: 'HARVESTED FOR', dropped: 2 },
  { title: 'EVIDENCE', dropped: 1 },
];

export function fruitLines(
  { output, flags }: CommandContext,
  request: FruitRequest,
): readonly string[] {
  const entries = fruitIn(request);
  if (entries.length === 0) return flags.plain ? [] : ['no leaf has handed over any fruit'];
  const rows = entries.map(({ attempt, fruit, branch }) => [
    { text: fruit.type, paint: 'bold' } as const,
    { text: fruit.title },
    { text: addressText(request.run, attempt.path, attempt.attempt) },
    { text: branch ?? '–' },
    { text: fruit.evidence.join(', ') },
  ]);
  const { style, columns } = output;
  return tableText(COLUMNS, rows, { style, width: columns, isPlain: flags.plain });
}

export function fruitJson(request: FruitRequest): JsonObject {
  const fruit = fruitIn(request).map(
    ({ attempt, fruit: one, branch }): JsonObject => ({
      type: one.type,
      title: one.title,
      leaf: addressText(request.run, attempt.path, attempt.attempt),
      harvested_for: branch ?? null,
      value: one.value ?? null,
      content: one.content === undefined ? null : { ...one.content },
      evidence: one.evidence,
    }),
  );
  return { schema: 'whaleflow.fruit/1', run: request.run, fruit };
}

function fruitIn({ view, harvested, path, attempt }: FruitRequest): readonly Entry[] {
  const isWanted = (one: AttemptView): boolean =>
    attempt === undefined
      ? path === '' || isWithin(one.path, path)
      : one.path === path && one.attempt === attempt;
  return [...view.allAttempts()]
    .flatMap(([, attempts]) => attempts)
    .filter(isWanted)
    .flatMap((one) =>
      one.fruit.map((fruit) => ({ attempt: one, fruit, branch: harvested.get(one.path) })),
    );
}
