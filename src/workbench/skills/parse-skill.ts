/** `SKILL.md`: lines of YAML between two `---` that say what the skill is, then what it says. */
import { isJsonObject, type Json } from '../../base/json.ts';
import { loadYaml } from '../../base/load-yaml.ts';
import { outsizedYaml } from '../../base/outsized-yaml.ts';

export type ParsedSkill = { readonly description: string } | { readonly problem: string };

const FRONT = /^\uFEFF?---\r?\n([\s\S]*?)\n---[ \t]*(?:\r?\n|$)/;
const MAX_FRONT_BYTES = 16 * 1024;
const MAX_DESCRIPTION_CHARACTERS = 1_024;
const LIMITS = { depth: 8, parts: 1_000, aliases: 0 };

/** Whether a text can be the name of a skill: 1 to 64 small letters, digits and single hyphens. */
export function isSkillName(name: string): boolean {
  return name.length <= 64 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name);
}

/** @param name of the folder that it lies in. */
export function parseSkill(name: string, text: string): ParsedSkill {
  const front = FRONT.exec(text)?.[1];
  if (front === undefined) return { problem: 'it does not begin with lines between two ---' };
  if (Buffer.byteLength(front) > MAX_FRONT_BYTES)
    return { problem: 'its first lines are too long' };
  const outsized = outsizedYaml(front, LIMITS);
  if (outsized !== undefined) return { problem: `its first lines: ${outsized.message}` };
  const document = loadYaml().parseDocument(front, { prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) return { problem: `its first lines are no YAML: ${error.message}` };
  const said = document.toJS() as Json;
  if (!isJsonObject(said)) return { problem: 'its first lines name no fields' };
  if (said['name'] !== name) {
    return {
      problem: `it calls itself ${JSON.stringify(said['name'] ?? null)}, and lies in ${name}/`,
    };
  }
  const { description } = said;
  if (typeof description !== 'string' || description.trim() === '') {
    return { problem: 'it has no description' };
  }
  if (description.length > MAX_DESCRIPTION_CHARACTERS) {
    return { problem: `its description is longer than ${MAX_DESCRIPTION_CHARACTERS} characters` };
  }
  return { description: description.replace(/\s+/g, ' ').trim().toWellFormed() };
}
