export type ModuleId =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly problem: string };

/**
 * The id of a file that another loads: relative to the loader's folder, and inside the root.
 *
 * ```js
 * resolveModuleId('flows/a.star', 'lib/b.star'); // → {"ok": true, "id": "flows/lib/b.star"}
 * resolveModuleId('a.star', '../b.star').ok; // → false
 * ```
 */
export function resolveModuleId(from: string, name: string): ModuleId {
  if (name === '') return { ok: false, problem: 'load: empty module name' };
  if (!name.endsWith('.star')) {
    return { ok: false, problem: `load: module name must end in .star: ${name}` };
  }
  if (/^[/\\]|^[A-Za-z]:|[\\\0]|:\/\//.test(name) || name.startsWith('@')) {
    return { ok: false, problem: `load: only relative paths may be loaded: ${name}` };
  }
  const folder = from.split('/').slice(0, -1);
  const parts = [...folder];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') {
      parts.push(part);
      continue;
    }
    const left = parts.pop();
    if (left === undefined || left === '..') {
      return { ok: false, problem: `load: ${name} is outside the workflow's folder` };
    }
  }
  return { ok: true, id: parts.join('/') };
}
