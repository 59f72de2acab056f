/**
 * Addresses of nodes in a run: ids joined by `/`, iterations and keys of an expand in brackets:
 * `fix[2]/test`, `per-file[a.ts]/review`; a leaf attempt adds `#n`. Keys are percent-encoded, so that
 * `/ # @ [ ] %` and control characters never stand in them.
 */

/** Address of a node in a run; `''` is the root sequence. */
export type NodePath = string;

const MAX_KEY_CHARACTERS = 120;
const UNSAFE = /[/#@[\]%$]|\p{C}|\p{Z}/gu;

/** The path of a child: `parent/id`, or the id below the root. */
export function childPath(parent: NodePath, id: string): NodePath {
  return parent === '' ? id : `${parent}/${id}`;
}

/** The scope of one iteration or instance: `loop[2]`, `expand[a.ts]`. */
export function instancePath(path: NodePath, key: string | number): NodePath {
  return `${path}[${key}]`;
}

/** The node that a path hangs on: `fix` of `fix[2]/test`; `''` for a node of the root. */
export function parentPath(path: NodePath): NodePath {
  const scope = scopeOf(path);
  return scope.endsWith(']') ? scope.slice(0, scope.lastIndexOf('[')) : scope;
}

/** The iteration or key that a path stands in: `2` of `fix[2]/test`; undefined outside of one. */
export function instanceOf(path: NodePath): string | undefined {
  const scope = scopeOf(path);
  return scope.endsWith(']') ? scope.slice(scope.lastIndexOf('[') + 1, -1) : undefined;
}

/** The part before the last id with its instance marker: `fix[2]` of `fix[2]/test`; `''` at the root. */
export function scopeOf(path: NodePath): NodePath {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

/**
 * The key of an expand instance: printable, at most 120 characters, reserved characters as `%XX` of
 * their UTF-8 bytes. Undefined where the text is empty or too long.
 */
export function encodeKey(text: string): string | undefined {
  const key = escapeKey(text);
  return key === '' || key.length > MAX_KEY_CHARACTERS ? undefined : key;
}

/** The same, however long: keys of pairs hold two others. */
export function escapeKey(text: string): string {
  return text.replace(UNSAFE, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}

/** A leaf attempt as people and commands write it: `path#attempt`. */
export function attemptAddress(path: NodePath, attempt: number): string {
  return `${path}#${attempt}`;
}
