/** What stands where something was removed: `[REDACTED:rule]`. */

/** Rules are named in these characters only, so that a mark is one word everywhere. */
const UNSAFE_NAME = /[^A-Za-z0-9_.-]/g;
const MARK = /\[REDACTED:[A-Za-z0-9_.-]+\]/g;

export function marker(rule: string): string {
  return `[REDACTED:${rule.replace(UNSAFE_NAME, '_') || 'value'}]`;
}

/** How many marks a text holds. */
export function countMarkers(text: string): number {
  if (!text.includes('[REDACTED:')) return 0;
  return text.match(MARK)?.length ?? 0;
}
