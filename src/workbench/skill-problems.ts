/** The skills of a workflow, found and checked before anything runs. */
import type { Diagnostic } from '../base/diagnostic.ts';
import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import { DigestedBlob } from '../trace/content.ts';
import type { RecordedSkill, RunConfig } from '../trace/run-terms.ts';
import { digestText } from '../workflow/digest.ts';
import type { CompiledFile } from './compile.ts';
import { type LoadedSkill, loadSkill, skillNames, skillPlaces } from './skills/find-skills.ts';
import type { Workbench } from './workbench.ts';

export interface FoundSkills {
  readonly skills: readonly LoadedSkill[];
  readonly problems: readonly Diagnostic[];
}

/** Leaves of which a skill could not reach anybody. */
const ASKS_MODEL: ReadonlySet<string> = new Set(['model', 'agent']);

/** What a workflow names, and what is amiss with it: errors, each at its place. */
export function findSkills(
  workbench: Pick<Workbench, 'places' | 'env'>,
  { skills: uses }: Pick<CompiledFile, 'skills'>,
): FoundSkills {
  const found = new Map<string, LoadedSkill>();
  const problems: Diagnostic[] = [];
  for (const { skill, node, task, span } of uses) {
    const place = span === undefined ? {} : { span };
    if (!ASKS_MODEL.has(task)) {
      const message = `${node} is a ${task} leaf, and only models and agents have skills`;
      problems.push({ code: 'WF1403', severity: 'error', message, ...place });
      continue;
    }
    const loaded = found.get(skill) ?? loadSkill(workbench, skill);
    if (loaded === undefined) problems.push({ ...unknown(workbench, skill, node), ...place });
    else if ('problem' in loaded) {
      const message = `the skill ${skill} cannot be used`;
      const notes = [loaded.problem];
      problems.push({ code: 'WF1404', severity: 'error', message, notes, ...place });
    } else found.set(skill, loaded);
  }
  return { skills: [...found.values()], problems };
}

/** As what ends a run before it begins. @throws {WhaleFlowError} WF1403, WF1404 */
export function refuseSkills({ problems }: FoundSkills): void {
  const [first] = problems;
  if (first === undefined) return;
  const code = first.code === 'WF1404' ? 'WF1404' : 'WF1403';
  throw new WhaleFlowError(code, first.message, { diagnostics: problems });
}

function unknown(
  workbench: Pick<Workbench, 'places' | 'env'>,
  skill: string,
  node: string,
): Diagnostic {
  const known = skillNames(workbench);
  const where = skillPlaces(workbench).map(({ folder }) => folder);
  const help =
    suggestion(skill, known) ??
    (known.length === 0
      ? `make one: ${where[2]}/${skill}/SKILL.md`
      : `there are ${known.join(', ')}`);
  return {
    code: 'WF1403',
    severity: 'error',
    message: `${node} names the skill \`${skill}\`, which is not there`,
    label: 'no skill has this name',
    notes: [`looked for in ${where.join(', ')}`],
    help,
  };
}

/** As a run records them; their texts are kept with it. */
export function recordedSkills(skills: readonly LoadedSkill[]): Pick<RunConfig, 'skills'> {
  if (skills.length === 0) return {};
  return { skills: Object.fromEntries(skills.map((skill) => [skill.name, toRecord(skill)])) };
}

function toRecord({ description, from, files }: LoadedSkill): RecordedSkill {
  const refs = [...files].map(
    ([path, text]) => [path, new DigestedBlob(text, 'text').ref] as const,
  );
  const digests = Object.fromEntries(refs.map(([path, { digest }]) => [path, digest]));
  const digest = digestText(canonicalJson(digests));
  return { digest, description, from, files: Object.fromEntries(refs) };
}
