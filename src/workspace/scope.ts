import { matchesPath } from '../base/glob.ts';

/**
 * The claim that a path is one of a scope's: path globs as everywhere in the product (a plain folder
 * name means everything below it). Without globs everything is in scope; an empty list holds nothing.
 */
export function toScopeTest(scope: readonly string[] | undefined): (path: string) => boolean {
  if (scope === undefined) return () => true;
  return (path) => scope.some((glob) => matchesPath(glob, path));
}
