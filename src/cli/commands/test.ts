/** `whaleflow test FILE --fixture F`: expectations on a workflow, with the answers of a fixture. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { RunView } from '../../trace/run-view.ts';
import { rehearse } from '../../workbench/rehearse-run.ts';
import { costText } from '../amounts.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { readParameters } from '../parameters.ts';

interface Expectation {
  /** What was wanted, as a sentence. */
  readonly says: string;
  readonly ok: boolean;
  /** What came instead. */
  readonly got: string;
}

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [workflow = ''] = input.words;
  const { output } = context;
  const workbench = await context.workbench();
  const stop = new AbortController();
  using _int = context.host.onSignal('SIGINT', () => stop.abort());
  const fixture = input.text('fixture');
  const request = {
    workflow,
    mock: fixture ?? (true as const),
    ...readParameters(input, context),
  };
  const view = await rehearse(workbench, request, stop.signal);
  const results = expectations(view, input);
  const ok = results.every((one) => one.ok);
  if (output.isJson) {
    const expected = results.map(({ says, ok: met, got }) => ({ says, ok: met, got }));
    output.json({ schema: 'whaleflow.test/1', ok, outcome: outcomeOf(view), expected });
    return ok ? 0 : 1;
  }
  for (const { says, ok: met, got } of results) {
    const mark = met ? output.style.paint('green', 'ok  ') : output.style.paint('red', 'FAIL');
    output.data(`${mark} ${printable(says)}${met ? '' : `: ${printable(got)}`}`);
  }
  return ok ? 0 : 1;
}

function outcomeOf({ state }: RunView): string {
  return state.finished?.outcome.status ?? 'unfinished';
}

function expectations(view: RunView, input: CommandInput): readonly Expectation[] {
  const outcome = input.text('outcome') ?? 'succeeded';
  const got = outcomeOf(view);
  const results: Expectation[] = [{ says: `the run is ${outcome}`, ok: got === outcome, got }];
  for (const text of input.list('winner')) results.push(winner(view, text));
  for (const path of input.list('ran')) {
    const attempts = view.attemptsOf(path).length;
    results.push({ says: `${path} ran`, ok: attempts > 0, got: absence(view, path) });
  }
  for (const path of input.list('not-ran')) {
    const attempts = view.attemptsOf(path).length;
    results.push({ says: `${path} did not run`, ok: attempts === 0, got: `${attempts} attempts` });
  }
  const leaves = input.integer('max-leaves', 0);
  if (leaves !== undefined) {
    const count = view.allAttempts().flatMap(([, attempts]) => attempts).length;
    results.push({ says: `at most ${leaves} leaf attempts`, ok: count <= leaves, got: `${count}` });
  }
  const ceiling = input.microUsd('max-usd');
  if (ceiling !== undefined) {
    const { costMicroUsd, costStatus } = view.rollup('');
    const spent = costText(costMicroUsd, costStatus);
    results.push({
      says: `at most ${costText(ceiling, 'exact')}`,
      ok: costMicroUsd <= ceiling,
      got: spent,
    });
  }
  return results;
}

/** `NODE=WINNER`. */
function winner({ state }: RunView, text: string): Expectation {
  const at = text.indexOf('=');
  if (at < 0) throw new WhaleFlowError('WF2002', `--winner takes NODE=WINNER, not \`${text}\``);
  const [path, wanted] = [text.slice(0, at), text.slice(at + 1)];
  const node = state.nodes.get(path);
  const output = node?.alive === false ? node.output : undefined;
  const value = output?.type === 'value' ? output.value : undefined;
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const said = isRecord ? (value as { readonly winner?: unknown }).winner : undefined;
  const got = typeof said === 'string' ? said : node === undefined ? 'no such node' : 'no winner';
  return { says: `${path} is won by ${wanted}`, ok: got === wanted, got };
}

function absence({ state }: RunView, path: string): string {
  const node = state.nodes.get(path);
  if (node !== undefined) return node.alive ? 'it was waiting' : `it was ${node.status}`;
  const known = [...state.nodes.keys()].filter((one) => one !== '').slice(0, 10);
  return `no such node; there are: ${known.join(', ')}`;
}
