import picomatch from 'picomatch';

/**
 * The claim that a path is one of a scope's: globs of repository paths, dot files like all others. Without
 * globs everything is in scope; an empty list holds nothing.
 */
export function toScopeTest(scope: readonly string[] | undefined): (path: string) => boolean {
  if (scope === undefined) return () => true;
  if (scope.length === 0) return () => false;
  return picomatch([...scope], { dot: true });
}
