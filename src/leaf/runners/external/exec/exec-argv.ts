import type { AgentPlace } from '../agent-place.ts';
import type { ExternalAgent } from '../external-agent.ts';

export interface ArgvParts {
  readonly place: Pick<AgentPlace, 'hand'>;
  readonly isConfined: boolean;
  readonly isReadOnly: boolean;
}

/**
 * The command line with the prompt in its place, as one argument whatever it holds; on stdin where no
 * argument takes it.
 */
export async function execArgv(
  { argv, rights }: Pick<ExternalAgent, 'argv' | 'rights'>,
  prompt: string,
  { place, ...parts }: ArgvParts,
): Promise<{ readonly argv: readonly string[]; readonly stdin?: string }> {
  const filled: string[] = [];
  let isGiven = false;
  for (const word of argv) {
    if (word === '{rights}') filled.push(...rightsFor(rights, parts));
    else if (word === '{prompt}') filled.push(withoutNul(prompt));
    else if (word === '{prompt_file}') filled.push(await place.hand('prompt.md', prompt));
    else filled.push(word);
    isGiven ||= word === '{prompt}' || word === '{prompt_file}';
  }
  return isGiven ? { argv: filled } : { argv: filled, stdin: prompt };
}

function rightsFor(
  rights: ExternalAgent['rights'],
  { isConfined, isReadOnly }: Omit<ArgvParts, 'place'>,
): readonly string[] {
  if (isReadOnly) return rights.readOnly;
  return isConfined ? rights.confined : rights.readWrite;
}

/** No argument of a process can hold one. */
const withoutNul = (text: string): string => text.replaceAll('\0', '\uFFFD');
