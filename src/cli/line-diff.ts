/** The difference of two texts, line by line, as `diff -u` shows it. */

const CONTEXT_LINES = 2;
/** Beyond it the texts are shown as wholly different. */
const MAX_CELLS = 4_000_000;

export interface DiffLine {
  readonly kind: 'same' | 'old' | 'new' | 'gap';
  readonly text: string;
}

/** Nothing where the texts are the same. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  if (before === after) return [];
  const all = script(before.split('\n'), after.split('\n'));
  const shown: DiffLine[] = [];
  let isSkipping = false;
  all.forEach((line, index) => {
    const near = all.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1);
    if (near.some(({ kind }) => kind !== 'same')) {
      if (isSkipping) shown.push({ kind: 'gap', text: '…' });
      shown.push(line);
      isSkipping = false;
    } else {
      isSkipping = true;
    }
  });
  return shown;
}

/** By the longest common subsequence of lines. */
function script(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const width = after.length + 1;
  if (before.length * after.length > MAX_CELLS) {
    return [...before.map(toOld), ...after.map(toNew)];
  }
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const isSame = before[row] === after[column];
      const best = Math.max(at(row + 1, column), at(row, column + 1));
      lengths[row * width + column] = isSame ? at(row + 1, column + 1) + 1 : best;
    }
  }
  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const old = before[row];
    const fresh = after[column];
    if (old !== undefined && old === fresh) {
      lines.push({ kind: 'same', text: old });
      row++;
      column++;
    } else if (
      fresh === undefined ||
      (old !== undefined && at(row + 1, column) >= at(row, column + 1))
    ) {
      lines.push(toOld(old ?? ''));
      row++;
    } else {
      lines.push(toNew(fresh));
      column++;
    }
  }
  return lines;
}

const toOld = (text: string): DiffLine => ({ kind: 'old', text });
const toNew = (text: string): DiffLine => ({ kind: 'new', text });
