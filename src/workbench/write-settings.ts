/**
 * Writes settings into a config file, all of them or none. What reading would only warn of is refused
 * here: a key that is not known, or one that a repository may not set.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { SettingValue } from './check-setting.ts';
import { type ConfigOwner, configPath, readConfig } from './config.ts';
import { lockFile } from './lock-file.ts';
import type { Places } from './places.ts';
import { setToml, tomlKey } from './settings/edit-toml.ts';
import { trust, trustOf } from './trust.ts';
import { toWriteError } from './write-error.ts';

export interface NewSetting {
  readonly path: readonly string[];
  readonly value: SettingValue;
}

export interface ConfigTarget {
  readonly places: Places;
  readonly owner: ConfigOwner;
}

/** Commands that name keys stand in it: for its owner’s eyes. */
const USER_MODE = 0o600;
const PROJECT_MODE = 0o644;

/**
 * Sets them in the user’s own file or the project’s; every other byte of it stays. Returns its path.
 * @throws {WhaleFlowError} WF2007 what would not count there; WF2003, WF7004 when it cannot be written.
 */
export function writeSettings(target: ConfigTarget, settings: readonly NewSetting[]): string {
  return changeConfig(target, (text, path) =>
    settings.reduce((edited, { path: key, value }) => {
      const next = setToml(edited, key, value);
      if (next !== undefined) return next;
      throw new WhaleFlowError('WF2007', `${tomlKey(key)} cannot be set in ${path}`, {
        hint: 'something else stands in its place: whaleflow config edit',
      });
    }, text),
  );
}

/**
 * Replaces the text of a config file by another one that is sound. A file that is broken already says so
 * in its own words, unless `mends` it.
 */
export function changeConfig(
  target: ConfigTarget & { readonly mends?: boolean },
  change: (text: string, path: string) => string,
): string {
  const { places, owner, mends = false } = target;
  const named = configPath(places, owner);
  try {
    mkdirSync(dirname(named), { recursive: true, ...(owner === 'user' ? { mode: 0o700 } : {}) });
    const path = existsSync(named) ? realpathSync(named) : named;
    using lock = lockFile(path);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const known = mends ? undefined : checkConfig(target, text).map(({ message }) => message);
    const edited = change(text, path);
    if (edited === text && existsSync(path)) return named;
    const warnings = checkConfig(target, edited);
    if (known !== undefined) refuseNew(target, warnings, known);
    const wasTrusted = owner === 'project' && trustOf(places) === 'trusted';
    lock.replace(edited, owner === 'user' ? USER_MODE : modeOf(path));
    // Who trusted it has made this change too.
    if (wasTrusted) trust(places);
    return named;
  } catch (cause) {
    throw toWriteError(cause, named);
  }
}

const modeOf = (path: string): number =>
  existsSync(path) ? statSync(path).mode & 0o777 : PROJECT_MODE;

/** Its warnings, as it would be read. @throws {WhaleFlowError} WF2007 for what cannot be meant. */
function checkConfig({ places, owner }: ConfigTarget, text: string): readonly Diagnostic[] {
  const edited = { owner, text };
  const path = configPath(places, owner);
  const { warnings } = readConfig({ places, env: {}, set: [], edited });
  return warnings.filter(({ span }) => span?.file === path);
}

function refuseNew(
  { owner }: ConfigTarget,
  warnings: readonly Diagnostic[],
  known: readonly string[],
): void {
  const first = warnings.find(
    ({ message }) => !known.includes(message) && !message.includes('is sent unencrypted'),
  );
  if (first === undefined) return;
  const code = first.code === 'WF2008' ? 'WF2008' : 'WF2007';
  const hint = owner === 'project' ? 'set it in your own: --user' : first.help;
  throw new WhaleFlowError(code, first.message, hint === undefined ? {} : { hint });
}
