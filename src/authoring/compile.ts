/** From a file’s text to a spec: front end by extension, `use` resolved, then the one gate. */
import type { Diagnostic, RelatedPlace, Span } from '../base/diagnostic.ts';
import type { SourceFile, SourceMap } from '../trace/run-terms.ts';
import { digestText } from '../workflow/digest.ts';
import { type FeatureUse, featureUses } from '../workflow/features.ts';
import { type ParseOptions, parseWorkflow } from '../workflow/parse-workflow.ts';
import { type SkillUse, skillUses } from '../workflow/skill-uses.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import { bySpan } from './by-span.ts';
import { type Effort, MAX_SOURCE_BYTES, type Sources } from './front-end.ts';
import { frontEndOf, knownExtensions } from './front-ends.ts';
import { resolveUses } from './use.ts';

export interface CompileInput {
  /** As it is shown, with `/`; its extension says the language where `language` does not. */
  readonly file: string;
  readonly language?: SourceFile['language'];
  readonly source: string | Uint8Array;
  /** Texts of other files that it uses or loads, by path. */
  readonly sources?: Sources;
  readonly options?: ParseOptions;
  /** `full` where absent. */
  readonly effort?: Effort;
}

/** A use of what is off by default, where it is written. */
export interface LocatedUse extends FeatureUse {
  readonly span?: Span;
}

/** A skill that a leaf names, where it is written. */
export interface LocatedSkill extends SkillUse {
  readonly span?: Span;
}

export type Compiled =
  | {
      readonly spec: WorkflowSpec;
      readonly source: SourceFile;
      readonly sourceMap: SourceMap;
      readonly warnings: readonly Diagnostic[];
      readonly features: readonly LocatedUse[];
      readonly skills: readonly LocatedSkill[];
      /** What the file itself has to say: what its program printed. */
      readonly notes: readonly RelatedPlace[];
    }
  | { readonly diagnostics: readonly Diagnostic[] };

/**
 * Collects every problem; never throws for what stands in a file.
 * @throws {Outgrown} if it takes more than the small effort that was asked for.
 */
export function compileWorkflow(input: CompileInput): Compiled {
  const { file, source, language, sources = () => undefined, options, effort = 'full' } = input;
  const frontEnd = frontEndOf(file, language);
  if (frontEnd === undefined)
    return refused(file, 'WF2002', `a workflow file ends in ${knownExtensions().join(', ')}`);
  if (source.length > MAX_SOURCE_BYTES)
    return refused(file, 'WF1006', `the file is larger than ${MAX_SOURCE_BYTES / 1_048_576} MiB`);
  const text = typeof source === 'string' ? source : decode(source);
  if (text === undefined) return refused(file, 'WF1001', 'the file is not UTF-8');
  const read = frontEnd.read({ file, text, sources, effort });
  if ('diagnostics' in read) return read;
  const { problems = [], notes = [], explain = (one) => one } = read;
  const used = resolveUses(read.document, read.locate, { file, sources, effort });
  if (used.diagnostics.length > 0) return { diagnostics: [...problems, ...used.diagnostics] };
  const parsed = parseWorkflow(used.document, used.locate, options);
  const said = 'diagnostics' in parsed ? parsed.diagnostics : parsed.warnings;
  const words = frontEnd.words;
  const gate = said.map((one) => explain(words === undefined ? one : inWords(one, words)));
  const diagnostics = problems.length === 0 ? gate : [...problems, ...gate].sort(bySpan);
  if ('diagnostics' in parsed || diagnostics.some(({ severity }) => severity === 'error'))
    return { diagnostics };
  const sourceMap: Record<string, readonly [number, number]> = {};
  for (const [id, at] of parsed.places) {
    const span = used.locate(at, 'value');
    if (span !== undefined) sourceMap[id] = [span.line, span.column];
  }
  const features = featureUses(parsed.spec).map((use): LocatedUse => {
    const place = parsed.places.get(use.node) ?? [];
    const span = used.locate([...place, ...use.field], 'value') ?? used.locate(place, 'value');
    return span === undefined ? use : { ...use, span };
  });
  const skills = skillUses(parsed.spec).map((use): LocatedSkill => {
    const place = parsed.places.get(use.node) ?? [];
    const span =
      used.locate([...place, 'skills', use.index], 'value') ?? used.locate(place, 'value');
    return span === undefined ? use : { ...use, span };
  });
  const loads = [...(read.loads ?? []), ...used.loads];
  return {
    spec: parsed.spec,
    warnings: diagnostics,
    features,
    skills,
    notes,
    sourceMap,
    source: {
      path: file,
      language: frontEnd.language,
      digest: digestText(source),
      ...(loads.length === 0
        ? {}
        : { loads: Object.fromEntries(loads.map(([path, body]) => [path, digestText(body)])) }),
    },
  };
}

/** A diagnostic with fields as the language of the file names them. */
function inWords(diagnostic: Diagnostic, words: (text: string) => string): Diagnostic {
  const { message, label, help, notes } = diagnostic;
  return {
    ...diagnostic,
    message: words(message),
    ...(label === undefined ? {} : { label: words(label) }),
    ...(help === undefined ? {} : { help: words(help) }),
    ...(notes === undefined ? {} : { notes: notes.map(words) }),
  };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function refused(file: string, code: 'WF1001' | 'WF1006' | 'WF2002', message: string): Compiled {
  const span = { file, line: 1, column: 1 };
  return { diagnostics: [{ code, severity: 'error', message, span }] };
}
