import { suiteFiles, workspaceSuite } from '../workspace.suite.ts';
import { memoryWorkspace } from './memory-workspace.ts';

workspaceSuite('memory', async () => {
  const workspace = memoryWorkspace(suiteFiles);
  return {
    workspace,
    write: async (tree, path, text) => workspace.write(tree, path, text),
    remove: async (tree, path) => workspace.remove(tree, path),
    read: async (tree) => workspace.read(tree),
    dispose: async () => {},
  };
});
