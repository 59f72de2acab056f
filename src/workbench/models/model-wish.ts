import { suggestion } from '../../base/did-you-mean.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { Role } from '../../workflow/limits.ts';
import { roleNames } from '../../workflow/roles.ts';
import { parseModelName } from './models-config.ts';

/** What `--model` says: for all roles, or for one. */
export interface ModelWish {
  readonly role?: Role;
  /** First choice first. */
  readonly models: readonly string[];
}

/** `PROVIDER:MODEL[,FALLBACK…]` or `ROLE=…`. @throws {WhaleFlowError} WF2002 */
export function parseModelWish(word: string): ModelWish {
  const cut = word.indexOf('=');
  const role = cut < 0 ? undefined : word.slice(0, cut);
  const models = word.slice(cut + 1).split(',');
  const isRole = (name: string | undefined): name is Role =>
    name !== undefined && (roleNames as readonly string[]).includes(name);
  if (role !== undefined && !isRole(role)) {
    const hint = suggestion(role, roleNames) ?? `roles: ${roleNames.join(', ')}`;
    throw new WhaleFlowError('WF2002', `--model ${word} names no role`, { hint });
  }
  if (!models.every((model) => parseModelName(model) !== undefined)) {
    throw new WhaleFlowError('WF2002', `--model ${word} names no model`, {
      hint: 'write --model PROVIDER:MODEL or --model ROLE=PROVIDER:MODEL; `mock` is built in',
    });
  }
  return { ...(role === undefined ? {} : { role }), models };
}
