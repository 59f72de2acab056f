import { distance } from 'fastest-levenshtein';

const MAX_COMPARED_CHARACTERS = 100;

/** The candidate that `word` was most likely meant to be, or undefined where none is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_COMPARED_CHARACTERS) return undefined;
  const wanted = fold(word);
  let best: string | undefined;
  let bestDistance = Math.floor(wanted.length / 3) + 1;
  for (const candidate of candidates) {
    if (candidate.length > MAX_COMPARED_CHARACTERS || candidate === word) continue;
    const found = distance(wanted, fold(candidate));
    if (found < bestDistance || (found === bestDistance && best === undefined)) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

/** `did you mean …?`, or undefined. */
export function suggestion(word: string, candidates: Iterable<string>): string | undefined {
  const meant = didYouMean(word, candidates);
  return meant === undefined ? undefined : `did you mean \`${meant}\`?`;
}

// So that `maxiterations`, `max_iterations` and `max-iterations` are all near `maxIterations`.
const fold = (word: string): string => word.toLowerCase().replace(/[_-]/g, '');
