/** Texts from strangers cannot end the tags that mark them as material. */
export function withoutDataTags(text: string): string {
  return text.replace(/<(\/?)data\b/gi, '‹$1data');
}
