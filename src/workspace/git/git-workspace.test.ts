import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { suiteFiles, type WorkspaceHarness, workspaceSuite } from '../workspace.suite.ts';
import { makeTestRepository } from './test-repository.ts';

workspaceSuite('git', async (): Promise<WorkspaceHarness> => {
  const repository = await makeTestRepository(suiteFiles);
  return {
    workspace: repository.workspace(),
    async write({ root }, path, text) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    },
    remove: ({ root }, path) => rm(join(root, path)),
    async read({ root }) {
      const files: Record<string, string> = {};
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name).slice(root.length + 1);
        if (entry.isFile() && path !== '.git')
          files[path] = await readFile(join(root, path), 'utf8');
      }
      return files;
    },
    dispose: repository.dispose,
  };
});
