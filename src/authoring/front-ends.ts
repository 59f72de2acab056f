import type { FrontEnd } from './front-end.ts';
import { jsonFrontEnd } from './read-json.ts';
import { starlarkFrontEnd } from './read-starlark.ts';
import { yamlFrontEnd } from './read-yaml.ts';

/** Every language that workflows are written in; told apart by extension. */
const FRONT_ENDS: readonly FrontEnd[] = [starlarkFrontEnd, yamlFrontEnd, jsonFrontEnd];

/** The front end of a language, or of a file by its extension where none is named. */
export function frontEndOf(file: string, language?: FrontEnd['language']): FrontEnd | undefined {
  if (language !== undefined) return FRONT_ENDS.find((one) => one.language === language);
  const name = file.toLowerCase();
  return FRONT_ENDS.find(({ extensions }) => extensions.some((one) => name.endsWith(one)));
}

export function knownExtensions(): readonly string[] {
  return FRONT_ENDS.flatMap(({ extensions }) => extensions);
}
