/** What a leaf is told of its skills. */

import type { OfferedSkill } from '../../tool/read-skill.ts';
import type { LeafHost } from '../leaf-host.ts';
import { SKILL_FILE, type Skill, skillBody, skillText } from '../skill.ts';

/** For an agent: what there is to read, and when. */
export function skillList(skills: readonly Skill[], tool: string): string {
  const lines = skills.map(({ name, description }) => `- ${name}: ${description}`);
  return [
    `Skills: how things are done here. Read one with ${tool} before you do what it is about.`,
    ...lines,
  ].join('\n');
}

/** For a model that has no tools: what they say. */
export function skillBodies(skills: readonly Skill[], host: LeafHost): string {
  return skills
    .map((skill) => `<skill name="${skill.name}">\n${skillBody(skill, host)}\n</skill>`)
    .join('\n\n');
}

export function offered(skill: Skill, host: LeafHost): OfferedSkill {
  return {
    name: skill.name,
    body: () => skillBody(skill, host),
    files: Object.keys(skill.files)
      .filter((file) => file !== SKILL_FILE)
      .sort(),
    file: (name) => skillText(skill, name, host),
  };
}
