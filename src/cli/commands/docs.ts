/** `whaleflow docs NAME`: reference pages made of the tables that define things. */
import { suggestion } from '../../base/did-you-mean.ts';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';

const pages: Readonly<Record<string, () => Promise<string>>> = {
  builtins: async () => (await import('../../authoring/builtins.ts')).builtinReference(),
  stubs: async () => (await import('../../authoring/builtin-stubs.ts')).builtinStubs(),
};

export async function run({ output }: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [name = ''] = input.words;
  const make = Object.hasOwn(pages, name) ? pages[name] : undefined;
  if (make === undefined) {
    const names = Object.keys(pages);
    const hint = suggestion(name, names) ?? `there are: ${names.join(', ')}`;
    throw new WhaleFlowError('WF2002', `no page \`${name}\``, { hint });
  }
  output.raw(await make());
  return 0;
}
