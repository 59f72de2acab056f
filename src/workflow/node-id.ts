/**
 * Ids as authors write them. Besides what paths reserve (`$ / # @ [ ]`), parentheses and braces are
 * refused, so that `previous(id)` and `{{inputs.id}}` are never ambiguous.
 */

const CHARACTERS = '[^\\s$/#@[\\](){}\\p{C}]{1,64}';

/** One id; 1 to 64 characters (code points). */
export const NODE_ID: RegExp = new RegExp(`^${CHARACTERS}$`, 'u');

/** An id, or `previous(id)`. */
export const NODE_REFERENCE: RegExp = new RegExp(
  `^(?:${CHARACTERS}|previous\\(${CHARACTERS}\\))$`,
  'u',
);

const PREVIOUS = /^previous\((.*)\)$/su;

/** Takes `previous(id)` apart; `previous` is absent where the text is a plain id. */
export function parseNodeReference(text: string): {
  readonly node: string;
  readonly previous?: true;
} {
  const id = PREVIOUS.exec(text)?.[1];
  return id === undefined ? { node: text } : { node: id, previous: true };
}

/** The name of the input that holds the last iteration’s output of `id`. */
export function previousName(id: string): string {
  return `previous(${id})`;
}
