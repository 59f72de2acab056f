/** What takes the place of something that is missing or wrong, so that the other checks can go on. */
import type { Json, JsonObject } from '../../base/json.ts';
import type { Parameter } from './parameter.ts';

/** A node of that id of whose output nothing is known. */
export function standInNode(id: string): JsonObject {
  return { kind: 'leaf', id, task: { type: 'memory', action: 'read', key: '?' } };
}

/** A value that no check finds fault with; undefined where there is none. */
export function standInFor({ type, words }: Parameter): Json | undefined {
  if (words !== undefined) return words[0];
  switch (type) {
    case 'text':
    case 'template':
      return '?';
    case 'int':
    case 'number':
      return 1;
    case 'json':
      return null;
    case 'condition':
      return '?';
    default:
      return undefined;
  }
}
