/**
 * What has to be typed for this program, here: the one place that decides it. All texts say `whaleflow`; where
 * nothing of that name is on the path, or the command was for another folder, what is printed says what works.
 */

export interface Calling {
  /** `whaleflow`, `npx whaleflow`, `./whaleflow`; see `program-words.ts`. Asked for when it is first needed. */
  readonly program: () => string;
  /** Options that name where the command works, ready for a shell: `-C shop`. */
  readonly place: string;
  /** Names of all commands. */
  readonly names: readonly string[];
}

const OWN = 'whaleflow';
let calling: Calling = { program: () => OWN, place: '', names: [] };

/** Of this process, from now on. */
export function calledAs(now: Calling): void {
  calling = now;
}

/** `npx whaleflow -C shop resume 7f3a`: a command of ours as it can be typed. */
export const typed = (words: string): string => typable(`${OWN} ${words}`);

/** A text of ours with its commands as they can be typed; what is no command stays. */
export function typable(text: string): string {
  if (!text.includes(OWN)) return text;
  const { place, names } = calling;
  const program = calling.program();
  if (program === OWN && place === '') return text;
  const command = new RegExp(
    `(?<![\\w./@~-])${OWN}(?= (?:(-)|(?:${names.join('|')})(?![\\w-])))`,
    'g',
  );
  return text.replace(command, (_whole, option: string | undefined, at: number) => {
    const [line = ''] = text.slice(at).split('\n');
    const isPlaced = option !== undefined || /\s(?:-C|--state-dir)\b/.test(line);
    return place === '' || isPlaced ? program : `${program} ${place}`;
  });
}
