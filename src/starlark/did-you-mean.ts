/** Longer names were not typed by a person, and comparing them takes long. */
const longestName = 100;

/** The candidate nearest to a misspelt name, ignoring case and underscores; none if all are far. */
function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > longestName) return undefined;
  const wanted = fold(name);
  let best: string | undefined;
  let bestDistance = Math.floor((wanted.length + 1) / 2);
  for (const candidate of [...candidates].sort()) {
    if (candidate === name) continue;
    const distance = editDistance(wanted, fold(candidate), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** ` (did you mean X?)` or nothing, ready to be appended to a message. */
export function suggestion(name: string, candidates: Iterable<string>, prefix = ''): string {
  const nearest = didYouMean(name, candidates);
  return nearest === undefined ? '' : ` (did you mean ${prefix}${nearest}?)`;
}

function fold(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

/** Levenshtein's distance by rows; gives up with `limit` once it can't be less. */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) >= limit) return limit;
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    let smallest = i;
    for (let j = 1; j <= to.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const cost = Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      row.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest >= limit) return limit;
    previous = row;
  }
  return previous[to.length] ?? limit;
}
