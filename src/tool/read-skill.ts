import { z } from 'zod';
import { answered, capped, defineTool, refused, type Tool } from './tool.ts';

/** A skill as an agent is offered it. */
export interface OfferedSkill {
  readonly name: string;
  /** What it says first. */
  readonly body: () => string;
  /** Names of its other files. */
  readonly files: readonly string[];
  /** A file of it; undefined where there is none of that name. */
  readonly file: (name: string) => string | undefined;
}

interface Reading {
  readonly name: string;
  readonly file?: string;
}

export const READ_SKILL = 'read_skill';

const input: z.ZodType<Reading> = z.strictObject({
  name: z.string().describe('Of the skill.'),
  file: z.exactOptional(z.string().describe('One of its files, as the skill names it.')),
});

export function readSkill(skills: readonly OfferedSkill[]): Tool {
  return defineTool({
    name: READ_SKILL,
    description: 'Reads a skill, or one of its files: how things of a kind are done here.',
    input,
    changesFiles: false,
    async run({ name, file }) {
      const skill = skills.find((one) => one.name === name);
      if (skill === undefined) {
        const known = skills.map((one) => one.name).join(', ');
        return refused(`there is no skill ${name}; there are ${known}`);
      }
      if (file === undefined) {
        const more = skill.files.length === 0 ? '' : `\n\n[its files: ${skill.files.join(', ')}]`;
        return answered(`${capped(skill.body())}${more}`);
      }
      const text = skill.file(file.replace(/^\.\//, ''));
      if (text !== undefined) return answered(capped(text));
      return refused(`${name} has no file ${file}; it has ${skill.files.join(', ') || 'none'}`);
    },
  });
}
