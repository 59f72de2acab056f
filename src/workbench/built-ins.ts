/** Workflows that come with the program; they run by name like saved ones. */
import { diagnose } from './built-in/diagnose.ts';
import { BUILT_IN } from './built-in-name.ts';

/** Starlark, by name. */
const texts: ReadonlyMap<string, string> = new Map([['diagnose', diagnose]]);

export const builtInNames: readonly string[] = [...texts.keys()];

/** As it is shown, recorded, and accepted in place of a file. */
export const builtInPath = (name: string): string => `${BUILT_IN}${name}`;

/** The text of `diagnose` or `built-in:diagnose`; undefined where there is none of that name. */
export function builtInText(name: string): string | undefined {
  return texts.get(name.startsWith(BUILT_IN) ? name.slice(BUILT_IN.length) : name);
}
