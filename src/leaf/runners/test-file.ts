const FOLDERS: ReadonlySet<string> = new Set(['test', 'tests', '__tests__', 'spec']);
const NAME = /[._](?:test|spec)\.[^.]+$|^test_.*\.py$/;

/** Whether a file is a test, by the usual conventions of names and folders. */
export function isTestFile(path: string): boolean {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  return NAME.test(name) || parts.some((folder) => FOLDERS.has(folder));
}
