/**
 * Starlark as a front end: the program is a pure builder of a graph. It has no door to the world, its
 * steps, memory and depth are bounded, and what it built is checked like every other workflow.
 */
import type { Diagnostic, RelatedPlace } from '../base/diagnostic.ts';
import type { Limits } from '../starlark/limits.ts';
import { type ExecRequest, type ExecResult, exec, parse } from '../starlark/starlark.ts';
import { bySpan } from './by-span.ts';
import {
  type FrontEnd,
  type FrontEndResult,
  Outgrown,
  type SourceInput,
  tooLarge,
} from './front-end.ts';
import { collectSources, MAX_MODULES } from './starlark/collect-sources.ts';
import { evaluationProblem } from './starlark/evaluation-problems.ts';
import { Graph } from './starlark/graph.ts';
import { graphPlaces, Places, toDiagnostic } from './starlark/locate-graph.ts';
import { placeNodes } from './starlark/place-nodes.ts';
import { toStarlarkWords } from './starlark/starlark-words.ts';
import { CallTracer } from './starlark/trace-callers.ts';

export const starlarkFrontEnd: FrontEnd = {
  language: 'starlark',
  extensions: ['.star'],
  read: readStarlark,
  words: toStarlarkWords,
};

const LIMITS: Partial<Limits> = {
  steps: 5_000_000,
  allocationBytes: 64 * 1024 * 1024,
  modules: MAX_MODULES,
};
const SMALL: Partial<Limits> = {
  ...LIMITS,
  steps: 300_000,
  allocationBytes: 16 * 1024 * 1024,
};
const LIMIT_MESSAGES: ReadonlySet<string> = new Set(['too many steps', 'too much memory']);
const MAX_NOTES = 100;
const MAX_NOTE_CHARACTERS = 1000;

function readStarlark(input: SourceInput): FrontEndResult {
  const large = tooLarge(input);
  if (large !== undefined) return { diagnostics: [large] };
  const { file, text, effort = 'full' } = input;
  const limits = effort === 'small' ? SMALL : LIMITS;
  const { sources, isLoad } = collectSources(file, text, input.sources);
  const notes: RelatedPlace[] = [];
  const print: ExecRequest['print'] = (message, { file: path, line, column }) => {
    const span = { file: path, line, column };
    if (notes.length >= MAX_NOTES) return;
    notes.push({ message: message.slice(0, MAX_NOTE_CHARACTERS), span });
  };
  const run = (graph: Graph, more: Partial<ExecRequest> = {}): ExecResult =>
    exec({ file, sources, predeclared: graph.builtins(), limits, ...more });
  const graph = new Graph();
  const result = run(graph, { print });
  if (effort === 'small' && !result.ok && LIMIT_MESSAGES.has(result.errors[0]?.message ?? ''))
    throw new Outgrown();
  const tracer = new CallTracer(result.steps, (number) => {
    const again = run(new Graph(number));
    return again.ok ? [] : (again.errors[0]?.frames ?? []);
  });
  const places = new Places(sources);
  placeNodes(graph);
  const problems = graph.problems.map((problem) =>
    tracer.traced(toDiagnostic(problem, places), problem.call),
  );
  if (!result.ok) {
    const isUnparsed = (path: string): boolean =>
      parse(sources.get(path) ?? '', path).errors !== undefined;
    const lineAt = (path: string, line: number): string | undefined =>
      sources.get(path)?.split(/\r\n|\r|\n/)[line - 1];
    const found = result.errors.map((error) =>
      evaluationProblem(error, { isLoad, isUnparsed, lineAt }),
    );
    const before = problems.filter(({ severity }) => severity === 'error');
    const all = [...before, ...found].sort(bySpan);
    return { diagnostics: all.map((one) => withNotes(one, notes)) };
  }
  const { workflow } = graph;
  if (workflow === undefined) return { diagnostics: [...problems, noWorkflow(file)] };
  // A node that is placed twice would be written out twice, and so on.
  if (problems.some(({ code }) => code === 'WF1201')) return { diagnostics: problems };
  const { locate, callAt } = graphPlaces(graph, places);
  return {
    document: workflow.document,
    locate,
    loads: new Map([...sources].filter(([path]) => path !== file)),
    problems,
    notes,
    explain: (one) => tracer.traced(one, one.span === undefined ? undefined : callAt(one.span)),
  };
}

function noWorkflow(file: string): Diagnostic {
  return {
    code: 'WF1104',
    severity: 'error',
    message: 'the file makes no workflow',
    span: { file, line: 1, column: 1 },
    help: 'call workflow(id, goal, nodes) once, at the end of the file',
  };
}

/** What the program printed helps to see why it failed. */
function withNotes(diagnostic: Diagnostic, notes: readonly RelatedPlace[]): Diagnostic {
  if (notes.length === 0 || diagnostic.code === 'WF1001') return diagnostic;
  const printed = notes.map(({ message, span }) => ({ message: `printed: ${message}`, span }));
  return { ...diagnostic, related: [...(diagnostic.related ?? []), ...printed] };
}
