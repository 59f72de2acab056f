/** The keys of providers: read when they are needed, held in memory only, never shown. */
import { spawnSync } from 'node:child_process';
import { WhaleFlowError } from '../../base/errors.ts';
import type { ProviderRow } from './models-config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const COMMAND_TIMEOUT_MS = 30_000;
const MAX_KEY_BYTES = 16_384;

/** Undefined where the provider wants none. @throws {WhaleFlowError} WF3003 where it is missing. */
export function readProviderKey(
  { name, key }: ProviderRow,
  environment: Environment,
): string | undefined {
  if (key === undefined) return undefined;
  const value =
    key.type === 'env' ? environment[key.name] : printedKey(name, key.line, environment);
  const trimmed = value?.trim() ?? '';
  if (trimmed === '') throw missing(name, key);
  // What a header cannot carry is no key, and would be quoted by whoever refuses it.
  if (!/^[\x21-\x7e]+$/.test(trimmed)) {
    throw new WhaleFlowError(
      'WF3003',
      `the key of ${name} is none: it has blanks, or letters outside of ASCII, in it`,
      { hint: `whaleflow providers test ${name}     where it comes from: whaleflow providers ls` },
    );
  }
  return trimmed;
}

function missing(name: string, key: NonNullable<ProviderRow['key']>): WhaleFlowError {
  if (key.type === 'command') {
    return new WhaleFlowError('WF3003', `the key command of ${name} printed nothing`, {
      hint: `run it yourself: whaleflow config get providers.${name}.api_key_cmd`,
    });
  }
  return new WhaleFlowError('WF3003', `${key.name} is not set, and ${name} needs it`, {
    hint: `export ${key.name}=…     or name another variable: [providers.${name}] api_key_env = "…"`,
  });
}

/** The first line that the command prints; what it says on stderr may hold anything and is dropped. */
function printedKey(name: string, line: string, env: Environment): string {
  const { status, stdout, error } = spawnSync('/bin/sh', ['-c', line], {
    env: env as NodeJS.ProcessEnv,
    encoding: 'utf8',
    timeout: COMMAND_TIMEOUT_MS,
    maxBuffer: MAX_KEY_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (error === undefined && status === 0) return stdout.split('\n')[0] ?? '';
  const how = status === null ? 'did not end' : `ended with status ${status}`;
  throw new WhaleFlowError('WF3003', `the key command of ${name} ${how}`, {
    hint: `try it: ${line}`,
  });
}
