/** Holds one value of the configuration against its row of the table. */
import { homedir } from 'node:os';
import { delimiter, join, normalize } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { type ConfigKey, type ConfigRow, configKeys } from './config-keys.ts';

export type SettingValue = number | boolean | string | readonly string[];

/** @throws {WhaleFlowError} WF2007 that names key, value and place. */
export function checkSetting(key: ConfigKey, value: unknown, origin: string): SettingValue {
  const row = configKeys[key];
  const checked = readValue(row, value);
  if (checked !== undefined) return checked;
  throw new WhaleFlowError('WF2007', `${key} is ${JSON.stringify(value)} (${origin})`, {
    hint: `it is ${wanted(row)}`,
  });
}

/** Undefined for what does not fit. Words of the command line and the environment are texts. */
function readValue(row: ConfigRow, value: unknown): SettingValue | undefined {
  switch (row.type) {
    case 'number': {
      // No text is no number: `Number` takes it for 0.
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number !== 'number' || !(number >= row.min && number <= row.max)) return undefined;
      return row.isWhole && !Number.isInteger(number) ? undefined : number;
    }
    case 'switch':
      if (value === true || value === 'true') return true;
      return value === false || value === 'false' ? false : undefined;
    case 'choice':
      return typeof value === 'string' && row.choices.includes(value) ? value : undefined;
    case 'folders':
      return readFolders(typeof value === 'string' ? value.split(delimiter) : value);
    case 'paths':
      return readPaths(typeof value === 'string' ? value.split(delimiter) : value);
    case 'text':
      return typeof value === 'string' && !value.includes('\0') ? value : undefined;
  }
}

function wanted(row: ConfigRow): string {
  switch (row.type) {
    case 'number':
      return `a ${row.isWhole ? 'whole ' : ''}number from ${row.min} to ${row.max}`;
    case 'switch':
      return 'true or false';
    case 'choice':
      return row.choices.join(' or ');
    case 'folders':
      return 'a list of folders, each from / or ~/, and none of /, /tmp, /proc, /sys and /dev';
    case 'paths':
      return 'a list of folders below the root of the repository, none of them `.git`';
    case 'text':
      return 'a text';
  }
}

function readPaths(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const paths = value.map((one) => (typeof one === 'string' ? toPath(one) : undefined));
  return paths.every((one) => one !== undefined) ? [...new Set(paths)] : undefined;
}

function toPath(text: string): string | undefined {
  const path = normalize(text).replace(/\/$/, '');
  const parts = path.split('/');
  const leads = parts.some((part) => part === '..' || part === '.' || part === '');
  return leads || parts.some((part) => part.toLowerCase() === '.git') ? undefined : path;
}

function readFolders(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const folders = value.map((one) => (typeof one === 'string' ? toFolder(one) : undefined));
  return folders.every((one) => one !== undefined) ? folders : undefined;
}

/** The sandbox has these itself: those of the machine in their place would be its end. */
const ITS_OWN = /^\/(?:$|tmp$|(?:proc|sys|dev)(?:\/|$))/;

function toFolder(text: string): string | undefined {
  const full = text.startsWith('~/') ? join(homedir(), text.slice(2)) : text;
  if (!full.startsWith('/')) return undefined;
  const folder = normalize(full).replace(/(?<=.)\/$/, '');
  return ITS_OWN.test(folder) ? undefined : folder;
}
