import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';

/** The second word of a command with the words behind it; the first of `known` where none was typed. */
export function subcommand<Name extends string>(
  command: string,
  [word, ...rest]: readonly string[],
  known: readonly [Name, ...Name[]],
): readonly [Name, ...string[]] {
  const found = word === undefined ? known[0] : known.find((name) => name === word);
  if (found !== undefined) return [found, ...rest];
  const names = `${known.slice(0, -1).join(', ')}${known.length > 1 ? ' or ' : ''}${known.at(-1)}`;
  const hint = suggestion(word ?? '', known);
  throw new WhaleFlowError('WF2002', `${command} takes ${names}, not \`${word}\``, {
    ...(hint === undefined ? {} : { hint }),
  });
}
