import { refused, type ToolAnswer } from '../tool.ts';
import { TreeFileError } from '../tree-files.ts';

/** What the tree refuses is an answer for the model; anything else is ours. */
export function attempt(act: () => ToolAnswer): ToolAnswer {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof TreeFileError) return refused(thrown.message);
    throw thrown;
  }
}
