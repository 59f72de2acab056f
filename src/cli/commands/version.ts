import type { ExitStatus } from '../../base/error-codes.ts';
import { VERSION } from '../../base/version.ts';
import type { CommandContext } from '../context.ts';

/** `whaleflow version`, `--version`, `-V`. */
export async function run({ output }: CommandContext): Promise<ExitStatus> {
  const { version: node, platform, arch } = process;
  if (output.isJson) {
    output.json({ schema: 'whaleflow.version/1', version: VERSION, node, platform, arch });
  } else output.data(`whaleflow ${VERSION} (node ${node}, ${platform} ${arch})`);
  return 0;
}
