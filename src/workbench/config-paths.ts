/** The files that may hold settings. Apart from their reader, which brings a parser with it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from './places.ts';

/** Of the repository, strongest first; they count where it is trusted. */
export function projectConfigPaths({
  projectFolder,
}: Pick<Places, 'projectFolder'>): readonly string[] {
  return ['config.local.toml', 'config.toml'].map((name) => join(projectFolder, name));
}

/** A person’s own. */
export function userConfigPath({ userFolder }: Pick<Places, 'userFolder'>): string {
  return join(userFolder, 'config.toml');
}

/** Some file says something; what is built in is all there is otherwise. */
export function hasConfig(places: Places): boolean {
  return [...projectConfigPaths(places), userConfigPath(places)].some((file) => existsSync(file));
}
