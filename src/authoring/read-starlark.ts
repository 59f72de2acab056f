/**
 * Starlark as a front end: the program is a pure builder of a graph. It has no door to the world, its
 * steps, memory and depth are bounded, and what it built is checked like every other workflow.
 */
import type { Diagnostic, RelatedPlace } from '../base/diagnostic.ts';
import type { Limits } from '../starlark/limits.ts';
import { exec, parse } from '../starlark/starlark.ts';
import { bySpan } from './by-span.ts';
import { type FrontEnd, type FrontEndResult, type SourceInput, tooLarge } from './front-end.ts';
import { collectSources, MAX_MODULES } from './starlark/collect-sources.ts';
import { evaluationProblem } from './starlark/evaluation-problems.ts';
import { Graph } from './starlark/graph.ts';
import { graphLocate, Places, toDiagnostic } from './starlark/locate-graph.ts';
import { placeNodes } from './starlark/place-nodes.ts';
import { toStarlarkWords } from './starlark/starlark-words.ts';

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
const MAX_NOTES = 100;
const MAX_NOTE_CHARACTERS = 1000;

function readStarlark(input: SourceInput): FrontEndResult {
  const large = tooLarge(input);
  if (large !== undefined) return { diagnostics: [large] };
  const { file, text } = input;
  const { sources, isLoad } = collectSources(file, text, input.sources);
  const graph = new Graph();
  const notes: RelatedPlace[] = [];
  const result = exec({
    file,
    sources,
    predeclared: graph.builtins(),
    limits: LIMITS,
    print: (message, { file: path, line, column }) => {
      const span = { file: path, line, column };
      if (notes.length >= MAX_NOTES) return;
      notes.push({ message: message.slice(0, MAX_NOTE_CHARACTERS), span });
    },
  });
  const places = new Places(sources);
  const isUnparsed = (path: string): boolean =>
    parse(sources.get(path) ?? '', path).errors !== undefined;
  if (!result.ok) {
    const problems = result.errors.map((error) => evaluationProblem(error, { isLoad, isUnparsed }));
    const errors = graph.problems.filter(({ severity }) => severity === 'error');
    const found = [...errors.map((problem) => toDiagnostic(problem, places)), ...problems];
    return { diagnostics: found.sort(bySpan).map((one) => withNotes(one, notes)) };
  }
  placeNodes(graph);
  const problems = graph.problems.map((problem) => toDiagnostic(problem, places));
  const { workflow } = graph;
  const isPlacedTwice = problems.some(({ code }) => code === 'WF1201');
  if (workflow === undefined || isPlacedTwice) {
    const missing = workflow === undefined ? [noWorkflow(file)] : [];
    return { diagnostics: [...problems, ...missing] };
  }
  return {
    document: workflow.document,
    locate: graphLocate(graph, places),
    loads: new Map([...sources].filter(([path]) => path !== file)),
    problems,
    notes,
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
