/** Who was chosen and who was not, as a table with reasons: what a tournament or a Pareto choice decided. */
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Style } from './style.ts';
import { type Cell, type Column, tableText } from './table-text.ts';

export interface RankingRequest {
  readonly style: Style;
  readonly width: number | undefined;
}

/** Empty where the value is none of the two, or of rules that gave no reasons. */
export function rankingLines(value: Json, request: RankingRequest): readonly string[] {
  if (!isJsonObject(value)) return [];
  const isPareto = Array.isArray(value['items']) && Array.isArray(value['others']);
  const lines = Array.isArray(value['ranking'])
    ? tournamentLines(value, request)
    : isPareto
      ? paretoLines(value, request)
      : [];
  return lines.map((line) => `${INDENT}${line}`);
}

const INDENT = '  ';

function tournamentLines(value: JsonObject, { style, width }: RankingRequest): readonly string[] {
  const ranking = objectsIn(value['ranking']);
  if (!ranking.some((one) => typeof one['place'] === 'number')) return [];
  const columns: readonly Column[] = [
    { title: 'PLACE', side: 'right' },
    { title: 'CANDIDATE' },
    { title: 'SCORE', side: 'right' },
    { title: 'WHY', least: 20 },
  ];
  const rows = ranking.map((one) =>
    cells(
      one['place'] === undefined ? '–' : textOf(one['place']),
      textOf(one['candidate']),
      shortNumber(one['score']),
      textOf(one['why']),
    ),
  );
  const undecided = Array.isArray(value['undecided']) ? value['undecided'] : [];
  const pairs = undecided.flatMap((pair) => (Array.isArray(pair) ? [pair.join(' and ')] : []));
  return [
    ...tableText(columns, rows, { style, width: inner(width), isPlain: false }),
    ...(pairs.length === 0 ? [] : [style.text(`undecided: ${pairs.join(', ')}`)]),
  ];
}

function paretoLines(value: JsonObject, { style, width }: RankingRequest): readonly string[] {
  const columns: readonly Column[] = [
    { title: 'KEPT' },
    { title: 'CANDIDATE' },
    { title: 'VALUES' },
    { title: 'WHY NOT', least: 20 },
  ];
  const row = (one: JsonObject, kept: string): readonly Cell[] =>
    cells(
      kept,
      textOf(one['candidate']),
      Array.isArray(one['values']) ? one['values'].map(shortNumber).join(' ') : '–',
      textOf(one['why'] ?? ''),
    );
  const rows = [
    ...objectsIn(value['items']).map((one) => row(one, 'yes')),
    ...objectsIn(value['others']).map((one) => row(one, 'no')),
  ];
  return tableText(columns, rows, { style, width: inner(width), isPlain: false });
}

const inner = (width: number | undefined): number | undefined =>
  width === undefined ? undefined : width - INDENT.length;

const cells = (...texts: readonly string[]): readonly Cell[] => texts.map((text) => ({ text }));

const objectsIn = (list: Json | undefined): readonly JsonObject[] =>
  Array.isArray(list) ? list.filter(isJsonObject) : [];

const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

const DIGITS = 4;

const shortNumber = (value: Json | undefined): string =>
  typeof value === 'number' ? String(Number(value.toFixed(DIGITS))) : '–';
