/**
 * Where skills lie: folders with a `SKILL.md`, a person’s own before a repository’s. Only plain files below
 * such a folder are read, and no link is followed: what is read goes to a model.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { SKILL_FILE } from '../../leaf/skill.ts';
import type { Workbench } from '../workbench.ts';
import { isSkillName, parseSkill } from './parse-skill.ts';

/** A skill with its texts. */
export interface LoadedSkill {
  readonly name: string;
  readonly description: string;
  readonly from: 'user' | 'repository';
  /** Absolute. */
  readonly folder: string;
  readonly files: ReadonlyMap<string, string>;
}

const MAX_FILE_BYTES = 256 * 1024;
const MAX_BYTES = 1024 * 1024;
const MAX_FILES = 64;
const MAX_NAMES = 1_000;
const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules']);

interface Place {
  readonly folder: string;
  readonly from: LoadedSkill['from'];
}

/** Folders of skills, strongest first. */
export function skillPlaces({ places, env }: Pick<Workbench, 'places' | 'env'>): readonly Place[] {
  const home = env['HOME'] ?? homedir();
  return [
    { folder: join(places.userFolder, 'skills'), from: 'user' },
    { folder: join(home, '.claude', 'skills'), from: 'user' },
    { folder: join(places.projectFolder, 'skills'), from: 'repository' },
    { folder: join(places.root, '.claude', 'skills'), from: 'repository' },
  ];
}

/** Names of all skills that could be named here. */
export function skillNames(workbench: Pick<Workbench, 'places' | 'env'>): readonly string[] {
  const names = skillPlaces(workbench).flatMap(({ folder }) =>
    foldersIn(folder).filter((name) => existsSync(join(folder, name, SKILL_FILE))),
  );
  return [...new Set(names)].sort();
}

/** A skill by its name; undefined where there is none, a problem where it cannot be used. */
export function loadSkill(
  workbench: Pick<Workbench, 'places' | 'env'>,
  name: string,
): LoadedSkill | { readonly problem: string } | undefined {
  if (!isSkillName(name)) return undefined;
  for (const { folder: above, from } of skillPlaces(workbench)) {
    const folder = join(above, name);
    if (!existsSync(join(folder, SKILL_FILE))) continue;
    if (from === 'repository' && isOutside(folder, workbench.places.root)) {
      return { problem: `${folder} is a link that leaves the repository` };
    }
    const read = readFiles(realpathSync(folder));
    if ('problem' in read) return { problem: `${folder}: ${read.problem}` };
    const parsed = parseSkill(name, read.files.get(SKILL_FILE) ?? '');
    if ('problem' in parsed) return { problem: `${join(folder, SKILL_FILE)}: ${parsed.problem}` };
    return { name, description: parsed.description, from, folder, files: read.files };
  }
  return undefined;
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter(isSkillName).slice(0, MAX_NAMES);
  } catch {
    return [];
  }
}

type Read = { readonly files: ReadonlyMap<string, string> } | { readonly problem: string };

function readFiles(folder: string): Read {
  const texts = new Map<string, string>();
  let bytes = 0;
  for (const path of filesOf(folder)) {
    const file = join(folder, path);
    if (statSync(file).size > MAX_FILE_BYTES) {
      return { problem: `${path} is larger than ${MAX_FILE_BYTES} bytes` };
    }
    const data = readFileSync(file);
    const text = decode(data);
    // Pictures and programs are nothing that a model could read.
    if (text === undefined) continue;
    bytes += data.length;
    if (bytes > MAX_BYTES) return { problem: `its files are larger than ${MAX_BYTES} bytes` };
    texts.set(path, text);
    if (texts.size > MAX_FILES) return { problem: `it has more than ${MAX_FILES} files` };
  }
  if (texts.has(SKILL_FILE)) return { files: texts };
  return { problem: `${SKILL_FILE} is no plain UTF-8 file` };
}

/** Plain files below the folder, sorted; links and whatever else there is are passed over. */
function filesOf(folder: string): readonly string[] {
  const files: string[] = [];
  const open = [''];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of readdirSync(join(folder, at), { withFileTypes: true })) {
      const { name } = entry;
      const path = at === '' ? name : `${at}/${name}`;
      if (entry.isFile()) files.push(path);
      else if (entry.isDirectory() && !PASSED_OVER.has(name)) open.push(path);
      if (files.length + open.length > MAX_NAMES) return files.sort();
    }
  }
  return files.sort();
}

/** A person may link a skill to wherever it lies; a repository’s lies in the repository. */
function isOutside(folder: string, root: string): boolean {
  return !`${realpathSync(folder)}${sep}`.startsWith(`${realpathSync(root)}${sep}`);
}

function decode(data: Uint8Array): string | undefined {
  if (data.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return undefined;
  }
}
