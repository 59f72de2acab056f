/**
 * Knowledge for a leaf that lies in a folder of its own, as a run has taken it: a text to begin with
 * (`SKILL.md`), and files that it speaks of. An agent is told what each is about and reads what it needs; a
 * model that has no tools is given the text.
 */
import type { RecordedSkill } from '../trace/run-terms.ts';
import { failure } from './failure.ts';
import type { LeafHost } from './leaf-host.ts';
import type { LeafJob } from './leaf-job.ts';
import type { RunnerReport } from './leaf-runner.ts';

export interface Skill extends RecordedSkill {
  readonly name: string;
}

export const SKILL_FILE = 'SKILL.md';

/** The skills that a leaf names, or the first that the run does not have. */
export function skillsOf({
  node,
  skills = {},
}: LeafJob): readonly Skill[] | { readonly missing: string } {
  const found: Skill[] = [];
  for (const name of node.skills) {
    const skill = Object.hasOwn(skills, name) ? skills[name] : undefined;
    if (skill === undefined) return { missing: name };
    found.push({ ...skill, name });
  }
  return found;
}

/** A run that was made without looking for skills has none. */
export function noSkill(name: string): RunnerReport {
  return { status: 'failed', failure: failure('refused', `this run has no skill ${name}`) };
}

/** A file of a skill; undefined where it has none of that name. */
export function skillText(skill: Skill, file: string, host: LeafHost): string | undefined {
  const ref = Object.hasOwn(skill.files, file) ? skill.files[file] : undefined;
  return ref === undefined ? undefined : new TextDecoder().decode(host.read(ref));
}

/** What a skill says, without the lines that say what it is. */
export function skillBody(skill: Skill, host: LeafHost): string {
  const text = skillText(skill, SKILL_FILE, host) ?? '';
  return text.replace(/^\uFEFF?---\r?\n[\s\S]*?\n---[ \t]*(?:\r?\n|$)/, '').trim();
}
