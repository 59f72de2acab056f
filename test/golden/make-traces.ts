/**
 * Makes the corpus of golden traces: `node test/golden/make-traces.ts`. Simulated runs are taken, the
 * shortest first, as long as they show something that none before has shown: a kind of node, a type of
 * event, an outcome, a failure. Runs with trees come from a world without leaves. What is there stays,
 * and nothing is added to it that shows nothing new: each file is a promise of a build to later ones.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { RULES_VERSION, type TraceEvent } from '../../src/trace/events.ts';
import { planNodeAt, planOf } from '../../src/workflow/plan.ts';
import { workflowDocuments } from '../arbitrary/workflow-document.ts';
import { simulate } from '../engine/simulate.ts';
import { enrichedSpec } from '../engine/spec-of.ts';
import { simulateRun, specOfSeed, storm } from '../simulation/simulated-run.ts';

const SEEDS = 600;
const MAX_EVENTS = 160;

/** What nodes that rank say besides whom they chose. */
const TOLD = ['"ties":["', '"undecided":[["', '"others":[{', '"tests":{"'] as const;

interface Candidate {
  readonly name: string;
  readonly events: readonly TraceEvent[];
}

const candidates: Candidate[] = [];
for (let seed = 1; seed <= SEEDS; seed += 1) {
  const { events } = await simulateRun(specOfSeed(seed, false), storm(seed), seed);
  candidates.push({ name: `seed${seed}`, events });
}
const documents = fc.sample(workflowDocuments({ hasTrees: true }), { numRuns: SEEDS, seed: 1 });
for (const [seed, document] of documents.entries()) {
  const spec = enrichedSpec(document, seed);
  if (spec === undefined) continue;
  candidates.push({ name: `trees${seed}`, events: simulate({ spec, seed }).trace });
}
candidates.sort((a, b) => a.events.length - b.events.length || (a.name < b.name ? -1 : 1));

const folder = join(import.meta.dirname, 'traces');
mkdirSync(folder, { recursive: true });
const seen = new Set<string>();
for (const file of readdirSync(folder)) {
  const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  for (const one of featuresIn(lines.map((line) => JSON.parse(line) as TraceEvent))) seen.add(one);
}
for (const { name, events } of candidates) {
  const shown = featuresIn(events);
  if (events.length > MAX_EVENTS || shown.every((feature) => seen.has(feature))) continue;
  for (const feature of shown) seen.add(feature);
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  writeFileSync(join(folder, `rules${RULES_VERSION}-${name}.jsonl`), lines.join(''));
}
process.stdout.write(`${[...seen].sort().join('\n')}\n`);

function featuresIn(events: readonly TraceEvent[]): readonly string[] {
  return [...events.flatMap(featuresOf), ...events.flatMap((event) => harvestsIn(events, event))];
}

/** Which kinds of nodes harvest, which of them what comes late, and on which merges. */
function harvestsIn([first]: readonly TraceEvent[], event: TraceEvent): readonly string[] {
  const isHarvest = event.type === 'branch.harvested' && event.owner !== undefined;
  const isOpen = event.type === 'node.finished' && event.unsettled !== undefined;
  if (first?.type !== 'run.started') return [];
  if (event.type === 'candidates.ranked' && event.winner.endsWith('/$merge')) {
    return [`${planNodeAt(planOf(first.spec), event.path)?.node.kind} tries on its merge`];
  }
  if (!isHarvest && !isOpen) return [];
  const owner = isHarvest ? event.owner : event.path;
  const kind = planNodeAt(planOf(first.spec), owner)?.node.kind;
  return [`${kind} ${isHarvest ? 'harvests' : 'waits to harvest'}`];
}

function featuresOf(event: TraceEvent): readonly string[] {
  const features: string[] = [event.type];
  if (event.type === 'leaf.requested') {
    features.push(`slice of ${Object.keys(event.slice ?? {}).sort()}`);
  }
  if (event.type === 'leaf.finished' && event.short !== undefined) features.push('short');
  const text = JSON.stringify(event);
  if (event.type === 'run.started') features.push(...wordsAt(text, 'kind'));
  if (event.type === 'node.finished') features.push(...wordsAt(text, 'status'));
  if (event.type === 'node.finished') features.push(...wordsAt(text, 'kind'));
  if (event.type === 'node.finished') features.push(...TOLD.filter((field) => text.includes(field)));
  return features;
}

function wordsAt(text: string, field: string): readonly string[] {
  return Array.from(text.matchAll(new RegExp(`"${field}":"(\\w+)"`, 'g')), ([found]) => found);
}
