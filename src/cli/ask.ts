/** One question to a person at a terminal. Never called where nobody can answer. */
import type { CommandContext } from './context.ts';

/** Asks on stderr; Enter or `y` is yes, everything else that means something is no. */
export async function ask({ host, output }: CommandContext, question: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  host.stderr.write(output.talkStyle.safe(`${question} `));
  const onKey = (key: string): void => {
    if (key === '\r' || key === '\n' || key === 'y' || key === 'Y') resolve(true);
    else if (key === '\x1b' || key === '\x03' || key === '\x04' || /^[nNqQ]$/.test(key)) {
      resolve(false);
    }
  };
  using _keys = host.keys(onKey);
  using _signal = host.onSignal('SIGTERM', () => resolve(false));
  const isYes = await promise;
  host.stderr.write(isYes ? 'yes\n' : 'no\n');
  return isYes;
}
