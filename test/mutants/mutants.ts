/** Mistakes that somebody could make in the engine, each with the test that must find it. */
export interface Mutant {
  readonly file: string;
  /** Stands once in the file. */
  readonly search: string;
  readonly replacement: string;
  /** Test file, and the words of the name of a test in it. */
  readonly killedBy: readonly [file: string, name: string];
}

const RULES = 'src/engine/rules';
const ADMISSION = 'src/engine/admission';
const SLICES = `${ADMISSION}/slice-gate.test.ts`;
const BUDGETS = 'test/budgets/budgets.test.ts';
const NO_CEILING = 'no ceiling is overspent';
const DECIDE = 'src/engine/decide.test.ts';
const PROPERTIES = 'test/engine/properties.test.ts';
const INVARIANTS = 'every commit keeps the invariants';
const HARVESTS = 'src/engine/harvests.test.ts';
const CRASH = 'test/engine/crash.test.ts';

export const mutants: readonly Mutant[] = [
  {
    file: `${RULES}/line.ts`,
    search: `if (isBad && line.onFailure === 'stop')`,
    replacement: 'if (isBad)',
    killedBy: [`${RULES}/sequence.test.ts`, 'goes on behind a failure'],
  },
  {
    file: `${RULES}/line.ts`,
    search: `last === undefined || last.status === 'skipped' ? NONE`,
    replacement: 'last === undefined ? NONE',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: `${RULES}/branch-set.ts`,
    search: `node.join !== 'all'`,
    replacement: `node.join === 'all'`,
    killedBy: [`${RULES}/branch-set.test.ts`, 'joined by'],
  },
  {
    file: `${RULES}/branch-set.ts`,
    search: `.filter(({ path }) => path !== winner && state.nodes.has(path))`,
    replacement: '.filter(({ path }) => state.nodes.has(path))',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: `${RULES}/fan.ts`,
    search: 'if (live.open.size >= fan.maxParallel) return WAIT;',
    replacement: 'if (live.open.size > fan.maxParallel) return WAIT;',
    killedBy: [`${RULES}/branch-set.test.ts`, 'no more than maxParallel'],
  },
  {
    file: `${RULES}/fan.ts`,
    search: 'if (isGood && tree?.touched)',
    replacement: 'if (isGood && tree !== undefined)',
    killedBy: [`${RULES}/branch-set.test.ts`, 'not at all where no branch changed anything'],
  },
  {
    file: `${RULES}/fan.ts`,
    search: `merge.failure?.kind !== 'merge_conflict'`,
    replacement: 'false',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: `${RULES}/loop-until.ts`,
    search: 'if (live.round >= node.maxIterations)',
    replacement: 'if (live.round > node.maxIterations)',
    killedBy: [`${RULES}/loop-until.test.ts`, 'fails when its iterations are used up'],
  },
  {
    file: `${RULES}/loop-until.ts`,
    search: 'live.round = Math.max(live.round, live.iteration, 1);',
    replacement: 'live.round = live.iteration = Math.max(live.round, live.iteration, 1);',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: `${RULES}/cond.ts`,
    search: `if (judge.status === 'failed' || judge.status === 'cancelled')`,
    replacement: `if (judge.status === 'cancelled')`,
    killedBy: [`${RULES}/cond.test.ts`, 'fails with its judge'],
  },
  {
    file: `${RULES}/expand.ts`,
    search: `found.dropped > 0 && outcome.status === 'succeeded'`,
    replacement: 'false',
    killedBy: [`${RULES}/expand.test.ts`, 'takes the first items'],
  },
  {
    file: 'src/engine/viewpoint.ts',
    search: 'if (byKey.has(key)) {',
    replacement: 'if (byKey.size < 0) {',
    killedBy: [`${RULES}/expand.test.ts`, 'duplicates'],
  },
  {
    file: 'src/engine/viewpoint.ts',
    search: 'if (!state.nodes.has(path)) return NO_ITEMS;',
    replacement: '',
    killedBy: ['src/engine/viewpoint.test.ts', 'asking for items too early'],
  },
  {
    file: 'src/engine/viewpoint.ts',
    search: 'return iteration > 1 ?',
    replacement: 'return iteration > 2 ?',
    killedBy: [`${RULES}/loop-until.test.ts`, 'previous(x) is absent in the first iteration'],
  },
  {
    file: 'src/engine/viewpoint.ts',
    search: 'scopes = known.length === 0 && below.length > 0 ? undefined : known.flat();',
    replacement: 'scopes = known.flat();',
    killedBy: [`${RULES}/expand.test.ts`, 'a node in an expand that never ran gives nothing'],
  },
  {
    file: `${RULES}/ranking.ts`,
    search: 'compareScores(b.score, a.score)',
    replacement: 'compareScores(a.score, b.score)',
    killedBy: [`${RULES}/tournament.test.ts`, 'the highest score wins'],
  },
  {
    file: `${RULES}/ranking.ts`,
    search: `if (verdict.because !== 'no answer') points += 0.5;`,
    replacement: '',
    killedBy: [`${RULES}/tournament.test.ts`, 'a pair whose two orders disagree is a tie'],
  },
  {
    file: `${RULES}/pairs.ts`,
    search: `if (one !== other) return`,
    replacement: `if (one === undefined) return`,
    killedBy: [`${RULES}/tournament.test.ts`, 'a pair whose two orders disagree is a tie'],
  },
  {
    file: `${RULES}/ranking.ts`,
    search: `const isKnown = equals.every(({ tally }) => tally?.counts !== undefined);`,
    replacement: 'const isKnown = true;',
    killedBy: [`${RULES}/tournament.test.ts`, 'equals stay as written where one of them'],
  },
  {
    file: `${RULES}/test-tally.ts`,
    search: 'Math.max(1, counts.failed)',
    replacement: 'counts.failed',
    killedBy: [`${RULES}/tournament.test.ts`, 'a command that failed with all its tests passed'],
  },
  {
    file: `${RULES}/tournament.ts`,
    search: `eligible.length > 1 || (rank.by === 'judge' && minScore !== undefined)`,
    replacement: 'eligible.length > 1',
    killedBy: [`${RULES}/tournament.test.ts`, 'one candidate alone wins unseen'],
  },
  {
    file: `${RULES}/adopt.ts`,
    search: 'if (enclosing !== tree.from) {',
    replacement: 'if (enclosing === undefined) {',
    killedBy: [`${RULES}/tournament.test.ts`, 'fails where the enclosing tree has moved on'],
  },
  {
    file: `${RULES}/tournament.ts`,
    search: 'if (live.verdict !== undefined) return conclude(state, live, node, live.verdict);',
    replacement: '',
    killedBy: [`${RULES}/harvest.test.ts`, 'keeps its winner whatever late costs say'],
  },
  {
    file: `${RULES}/harvest.ts`,
    search: 'return state.trees.get(path)?.from ?? treeCommit(state, winner.path, winner.plan);',
    replacement: 'return treeCommit(state, path, plan);',
    killedBy: [`${RULES}/harvest.test.ts`, 'tries on the winner’s tree'],
  },
  {
    file: `${RULES}/harvest.ts`,
    search: 'leaf === ownPaths[0] || isWithin(leaf, only.path)',
    replacement: 'isWithin(leaf, only.path)',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: `${RULES}/pareto.ts`,
    search: 'if (left < right) return false;',
    replacement: 'if (left <= right) return false;',
    killedBy: [`${RULES}/pareto.test.ts`, 'keeps what no other beats'],
  },
  {
    file: `${RULES}/reduce.ts`,
    search: 'const isHopeless =\n    ended.length > 0 &&',
    replacement: 'const isHopeless =\n    ended.length > 9 &&',
    killedBy: [`${RULES}/reduce.test.ts`, 'fails when nothing succeeded'],
  },
  {
    file: `${RULES}/leaf.ts`,
    search: '2 ** (triesOf(live) - 1)',
    replacement: '2 ** triesOf(live)',
    killedBy: [DECIDE, 'wait for timers that double'],
  },
  {
    file: `${RULES}/approve.ts`,
    search: '!state.waiting.has(live.path)',
    replacement: 'live.timer === undefined',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: 'src/trace/apply-leaf-end.ts',
    search: 'return live.restart || late === true || short !== undefined || stop !== undefined;',
    replacement: 'return live.restart;',
    killedBy: [DECIDE, 'a leaf that ended late with its driver'],
  },
  {
    file: 'src/engine/decide.ts',
    search: 'const isAsked = stop !== undefined && late !== true',
    replacement: 'const isAsked = stop !== undefined',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: 'src/trace/apply.ts',
    search: 'const isRestart = live?.restart === true && flight?.aborted === false;',
    replacement: 'const isRestart = live?.restart === true;',
    killedBy: [DECIDE, 'is ended by a second abort'],
  },
  {
    file: 'src/trace/apply-leaf-end.ts',
    search: `  const flight = giveSlotBack(state, event.path, event.attempt);
  if (flight === undefined) return;
  count(`,
    replacement: `  const flight = giveSlotBack(state, event.path, event.attempt);
  count(`,
    killedBy: [DECIDE, 'a report of an attempt that holds no slot'],
  },
  {
    file: 'src/trace/apply-leaf-end.ts',
    search: 'if (flight === undefined || flight.attempt !== attempt) return undefined;',
    replacement: 'if (flight === undefined) return undefined;',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: 'src/trace/apply-leaf-end.ts',
    search: 'if (live.lost < MAX_LOST) {',
    replacement: 'if (live.lost <= MAX_LOST) {',
    killedBy: [DECIDE, 'the third loss fails the leaf'],
  },
  {
    file: 'src/trace/apply-leaf-end.ts',
    search: 'return triesOf(live) < node',
    replacement: 'return live.attempt < node',
    killedBy: [DECIDE, 'uses up none of its retries'],
  },
  {
    file: 'src/trace/apply.ts',
    search: `  live.startedAt = at;
  live.startedActiveMs = state.activeMs;
`,
    replacement: '',
    killedBy: [DECIDE, 'what began when is the same after a resume'],
  },
  {
    file: 'src/trace/apply.ts',
    search: `if (state.stopped?.because === 'budget') state.stopped = undefined;`,
    replacement: '',
    killedBy: [DECIDE, 'of the run stop it when nothing is in flight'],
  },
  {
    file: 'src/trace/apply-leaf-end.ts',
    search: 'for (const { costMicroUsd, tokens } of flight.calls.values()) {',
    replacement: 'for (const { costMicroUsd, tokens } of [] as Reserved[]) {',
    killedBy: [DECIDE, 'count their calls that never came back'],
  },
  {
    file: 'src/trace/apply.ts',
    search: `const isActive = state.started !== undefined && event.type !== 'run.driven' && !state.paused;`,
    replacement: 'const isActive = state.started !== undefined;',
    killedBy: [DECIDE, 'of time count what was driven'],
  },
  {
    file: 'src/engine/decide.ts',
    search: `if (this.state.inFlight.has(path)) this.#close(live, 'person');`,
    replacement: `if (live !== undefined) this.#close(live, 'person');`,
    killedBy: [DECIDE, 'of a leaf that waits for admission'],
  },
  {
    file: 'src/engine/decide.ts',
    search: 'for (const child of live.open) child.instance = instances(child);',
    replacement: '',
    killedBy: [`${RULES}/tournament.test.ts`, 'judges that were lost are asked again'],
  },
  {
    file: 'src/engine/decide.ts',
    search: 'this.#flying.add(leaf, before ? -1 : 1);',
    replacement: 'this.#flying.add(leaf, 1);',
    killedBy: [HARVESTS, 'when the last of several has'],
  },
  {
    file: 'src/engine/decide.ts',
    search: 'for (const { owner, loser } of owed) this.#harvest(owner, [loser]);',
    replacement: '',
    killedBy: [`${RULES}/branch-set.test.ts`, 'the first success aborts the rest'],
  },
  {
    file: 'src/engine/decide.ts',
    search: 'state.finished !== undefined || state.inFlight.size > 0) return;',
    replacement: 'state.finished !== undefined) return;',
    killedBy: [`${RULES}/branch-set.test.ts`, 'the run waits for aborted leaves'],
  },
  {
    file: `${ADMISSION}/slice-gate.ts`,
    search: 'if (stop === undefined || state.inFlight.size > 0) return undefined;',
    replacement: 'if (stop === undefined) return undefined;',
    killedBy: [DECIDE, 'of the run wait for what is in flight'],
  },
  {
    file: 'src/engine/decide.ts',
    search: `if (live.stage === 'ready') this.#push(live);`,
    replacement: '',
    killedBy: [CRASH, 'a crash at any append'],
  },
  {
    file: 'src/engine/ready-queue.ts',
    search: 'return compareWritten(other, first) < 0 ? other : first;',
    replacement: 'return first;',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: 'src/engine/ready-queue.ts',
    search: 'if (one.instance !== other.instance) return one.instance - other.instance;',
    replacement: '',
    killedBy: [`${RULES}/expand.test.ts`, 'order among instances'],
  },
  {
    file: 'src/engine/leaf-request.ts',
    search: 'if (isBlocking && !isFirstPrevious(state, view, reference))',
    replacement: 'if (isBlocking)',
    killedBy: [`${RULES}/loop-until.test.ts`, 'previous(x) is absent in the first iteration'],
  },
  {
    file: 'src/engine/leaf-request.ts',
    search: `dynamic['sources'] = sources.map(`,
    replacement: `dynamic['sources'] = sources.slice(9).map(`,
    killedBy: ['src/engine/leaf-work.test.ts', 'of a merge holds the commits'],
  },
  {
    file: `${ADMISSION}/room.ts`,
    search: 'const budget = isRun ? { ...own, ...state.raised } : own;',
    replacement: 'const budget = own;',
    killedBy: [DECIDE, 'of the run stop it when nothing is in flight'],
  },
  {
    file: 'src/workflow/wanted-fields.ts',
    search: 'if (around === undefined || mine.has(around)) return lists;',
    replacement: 'if (around === undefined) return lists;',
    killedBy: ['src/workflow/wanted-fields.test.ts', 'inside of an expand it does not'],
  },
  {
    file: 'src/workflow/plan.ts',
    search: `tracked.add(node.kind === 'expand' ? node.template.id : id);`,
    replacement: 'tracked.add(id);',
    killedBy: [PROPERTIES, INVARIANTS],
  },
  {
    file: 'src/engine/drive.ts',
    search: 'if (flight.started || flight.aborted) posts.push(',
    replacement: 'if (flight.aborted) posts.push(',
    killedBy: [CRASH, 'a crash at any append'],
  },
  {
    file: 'src/engine/drive.ts',
    search: 'if (isSame) this.#requests.delete(event.path);',
    replacement: 'this.#requests.delete(event.path);',
    killedBy: [CRASH, 'a report of an attempt that was given up'],
  },
  {
    file: 'src/engine/drive.ts',
    search: 'this.#timers.armAgain(waiting.flatMap((node) => this.#stillWaiting(node)));',
    replacement: '',
    killedBy: [CRASH, 'a crash at any append'],
  },
  {
    file: 'src/engine/fork.ts',
    search: 'found.digest !== request.digest',
    replacement: 'found.digest === undefined',
    killedBy: [CRASH, 'executes exactly what depends on a changed prompt'],
  },
  {
    file: `${ADMISSION}/slice.ts`,
    search: 'room.taken[name] + need[name] <= ceiling',
    replacement: 'room.spent[name] + need[name] <= ceiling',
    killedBy: [SLICES, 'gives back what it did not use'],
  },
  {
    file: `${ADMISSION}/slice.ts`,
    search: 'slice[name] = Math.min(slice[name] ?? free, free, wanted);',
    replacement: 'slice[name] = Math.min(slice[name] ?? wanted, wanted);',
    killedBy: [BUDGETS, NO_CEILING],
  },
  {
    file: `${ADMISSION}/slice.ts`,
    search: 'mayComeBack: room.inFlight > 0',
    replacement: 'mayComeBack: false',
    killedBy: [SLICES, 'waits while a leaf in flight'],
  },
  {
    file: `${ADMISSION}/slice.ts`,
    search: 'return Math.max(1, beside) + 1;',
    replacement: 'return Math.max(1, beside);',
    killedBy: [SLICES, 'gets a share'],
  },
  {
    file: `${ADMISSION}/slice.ts`,
    search: 'late ??= gone(at,',
    replacement: 'gone(at,',
    killedBy: [SLICES, 'a slice has the time that is left'],
  },
  {
    file: `${ADMISSION}/slice-gate.ts`,
    search: 'const behind = closed === undefined ? undefined : closedAround(live, closed);',
    replacement: 'const behind = closed !== null ? undefined : closedAround(live, closed);',
    killedBy: [SLICES, 'is overtaken by nobody'],
  },
  {
    file: `${ADMISSION}/draw.ts`,
    search: 'Math.max(input + output, short.tokens ?? 0)',
    replacement: 'input + output',
    killedBy: [SLICES, 'that no slice is large enough for'],
  },
  {
    file: 'src/trace/apply-leaf-end.ts',
    search: 'sums.held = subtractAmounts(sums.held, flight.left);',
    replacement: '',
    killedBy: [SLICES, 'gives back what it did not use'],
  },
  {
    file: 'src/trace/apply-sums.ts',
    search: 'const taken = leastAmounts(left, used);',
    replacement: 'const taken = used;',
    killedBy: [SLICES, 'what a call used over its slice'],
  },
  {
    file: 'src/leaf/call/call-chain.ts',
    search: 'this.#account.spend(usedBy(usage));',
    replacement: 'usedBy(usage);',
    killedBy: [BUDGETS, NO_CEILING],
  },
  {
    file: 'src/engine/leaves-at-work.ts',
    search: 'if (ms !== undefined) this.#deadlines.set(path, ms);',
    replacement: 'if (ms === undefined) this.#deadlines.set(path, 1);',
    killedBy: [BUDGETS, NO_CEILING],
  },
  {
    file: 'src/engine/harvests.ts',
    search: 'if (flying.has(path) || leaves.length === 0) continue;',
    replacement: 'if (leaves.length === 0) continue;',
    killedBy: [HARVESTS, 'when the last of several has'],
  },
  {
    file: `${RULES}/fan.ts`,
    search: 'if (ended === undefined || !isSuccess(ended)) losers',
    replacement: `if (ended?.status === 'failed') losers`,
    killedBy: [HARVESTS, 'where a person ends the set'],
  },
  {
    file: `${RULES}/losers.ts`,
    search: 'const HARVESTS_ALL_SINCE = 4;',
    replacement: 'const HARVESTS_ALL_SINCE = 3;',
    killedBy: [HARVESTS, 'by rules of version 3'],
  },
  {
    file: 'src/trace/unsettled.ts',
    search: 'const before = state.unsettled.get(loser.path)?.owners ?? [];',
    replacement: 'const before: readonly [] = [];',
    killedBy: [HARVESTS, 'by a tournament that has ended before'],
  },
];
