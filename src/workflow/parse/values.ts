/** Places of a document that nobody has checked. */
type Path = readonly (string | number)[];

export function valueAt(document: unknown, at: Path): unknown {
  let value: unknown = document;
  for (const segment of at) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment))
      return undefined;
    value = (value as Record<string | number, unknown>)[segment];
  }
  return value;
}

/** The path of the node that a place belongs to; the empty one for the workflow itself. */
export function ownerOf(document: unknown, at: Path): Path {
  for (let length = at.length; length > 0; length -= 1) {
    const path = at.slice(0, length);
    if (valueAt(document, [...path, 'kind']) !== undefined) return path;
  }
  return [];
}
