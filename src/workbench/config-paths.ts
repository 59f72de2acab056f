/** The files that may hold settings. Apart from their reader, which brings a parser with it. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Places } from './places.ts';

const LOCAL_NAME = 'config.local.toml';

/** Of the repository, strongest first; they count where it is trusted. */
export function projectConfigPaths({
  projectFolder,
}: Pick<Places, 'projectFolder'>): readonly string[] {
  return [LOCAL_NAME, 'config.toml'].map((name) => join(projectFolder, name));
}

/** A person’s own for one repository: over their other values, where that of the repository is under them. */
export const isLocalConfig = (path: string): boolean => basename(path) === LOCAL_NAME;

/** A person’s own. */
export function userConfigPath({ userFolder }: Pick<Places, 'userFolder'>): string {
  return join(userFolder, 'config.toml');
}

/** Some file says something; what is built in is all there is otherwise. */
export function hasConfig(places: Places): boolean {
  return [...projectConfigPaths(places), userConfigPath(places)].some((file) => existsSync(file));
}
