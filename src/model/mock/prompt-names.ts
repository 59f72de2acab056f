/** What the data of a prompt is about: the names of its sections, as judges are told to use them. */
import type { ModelRequest } from '../model-provider.ts';
import { messageTexts } from '../model-request.ts';

const SECTION = /<data name="([^"]*)">(?!\(none\)<)/g;

/** In order, without repetition; sections that hold nothing are left out. */
export function promptNames(request: ModelRequest): readonly string[] {
  const names = request.messages
    .flatMap(messageTexts)
    .flatMap((text) =>
      Array.from(text.matchAll(SECTION), (section) => (section[1] ?? '').replace(/^inputs\./, '')),
    );
  return [...new Set(names)];
}
