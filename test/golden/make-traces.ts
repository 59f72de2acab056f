/**
 * Makes the corpus of golden traces: `node test/golden/make-traces.ts`. Simulated runs are taken, the
 * shortest first, as long as they show something that none before has shown: a kind of node, a type of
 * event, an outcome, a failure. What is there stays: each file is a promise of a build to later ones.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES_VERSION, type TraceEvent } from '../../src/trace/events.ts';
import { simulateRun, specOfSeed, storm } from '../simulation/simulated-run.ts';

const SEEDS = 600;
const MAX_EVENTS = 160;

interface Candidate {
  readonly seed: number;
  readonly events: readonly TraceEvent[];
}

const candidates: Candidate[] = [];
for (let seed = 1; seed <= SEEDS; seed += 1) {
  const { events } = await simulateRun(specOfSeed(seed, false), storm(seed), seed);
  if (events.length <= MAX_EVENTS) candidates.push({ seed, events });
}
candidates.sort((a, b) => a.events.length - b.events.length || a.seed - b.seed);

const folder = join(import.meta.dirname, 'traces');
mkdirSync(folder, { recursive: true });
const seen = new Set<string>();
for (const { seed, events } of candidates) {
  const shown = events.flatMap(featuresOf);
  if (shown.every((feature) => seen.has(feature))) continue;
  for (const feature of shown) seen.add(feature);
  const file = join(folder, `rules${RULES_VERSION}-seed${seed}.jsonl`);
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  if (!existsSync(file)) writeFileSync(file, lines.join(''));
}
process.stdout.write(`${[...seen].sort().join('\n')}\n`);

function featuresOf(event: TraceEvent): readonly string[] {
  const features: string[] = [event.type];
  const text = JSON.stringify(event);
  if (event.type === 'run.started') features.push(...wordsAt(text, 'kind'));
  if (event.type === 'node.finished') features.push(...wordsAt(text, 'status'));
  if (event.type === 'node.finished') features.push(...wordsAt(text, 'kind'));
  return features;
}

function wordsAt(text: string, field: string): readonly string[] {
  return Array.from(text.matchAll(new RegExp(`"${field}":"(\\w+)"`, 'g')), ([found]) => found);
}
