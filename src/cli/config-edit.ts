/** `whaleflow config edit`: a copy goes to the person’s editor; what comes back is checked, then put in place. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitStatus } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import { configPath } from '../workbench/config.ts';
import { warn } from './commands/run.ts';
import { ownerOf } from './config-set.ts';
import type { CommandContext } from './context.ts';
import type { CommandInput } from './input.ts';

const EMPTY =
  '# WhaleFlow settings: whaleflow config ls shows all keys, whaleflow help environment the rest.\n';

/** @throws {WhaleFlowError} WF2007 what cannot be meant: the file stays as it was, the edited text is kept. */
export async function configEdit(
  context: CommandContext,
  input: CommandInput,
): Promise<ExitStatus> {
  const { output, host, mayAsk } = context;
  const owner = ownerOf(input);
  if (!mayAsk) {
    throw new WhaleFlowError('WF2101', 'an editor needs a terminal and a person', {
      hint: 'set single values: whaleflow config set KEY VALUE',
    });
  }
  const { places } = await context.workbench();
  const path = configPath(places, owner);
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-edit-'));
  const copy = join(folder, 'config.toml');
  const before = existsSync(path) ? readFileSync(path, 'utf8') : EMPTY;
  writeFileSync(copy, before, { mode: 0o600 });
  openEditor(host.env, copy);
  const after = readFileSync(copy, 'utf8');
  if (after === before) {
    rmSync(folder, { recursive: true });
    output.data(`${path} is as it was`);
    return 0;
  }
  const { changeConfig } = await import('../workbench/write-settings.ts');
  try {
    changeConfig({ places, owner, mends: true }, (text) => {
      if (text === (existsSync(path) ? before : '')) return after;
      throw new WhaleFlowError('WF2009', `${path} was changed by somebody else meanwhile`, {
        hint: 'nothing was written; edit it again: whaleflow config edit',
      });
    });
  } catch (error) {
    throw keeping(error, copy);
  }
  rmSync(folder, { recursive: true });
  const { warnings } = await context.config();
  warn(context, warnings);
  output.data(`wrote ${path}`);
  return 0;
}

function openEditor(env: Readonly<Record<string, string | undefined>>, file: string): void {
  const editor = [env['VISUAL'], env['EDITOR']].find((name) => name !== undefined && name !== '');
  // As git does it: the words of the editor are the shell’s business.
  const line = `${editor ?? 'vi'} "$@"`;
  const { status, error } = spawnSync('/bin/sh', ['-c', line, 'editor', file], {
    env: env as NodeJS.ProcessEnv,
    stdio: 'inherit',
  });
  if (error === undefined && status === 0) return;
  const how = status === null ? 'did not end by itself' : `ended with status ${status}`;
  throw new WhaleFlowError(
    'WF2002',
    `the editor \`${editor ?? 'vi'}\` ${how}; nothing was changed`,
    {
      hint: 'name another: EDITOR=nano whaleflow config edit',
    },
  );
}

function keeping(error: unknown, copy: string): unknown {
  if (!(error instanceof WhaleFlowError)) return error;
  const { code, message, diagnostics, hint } = error;
  return new WhaleFlowError(code, message, {
    diagnostics,
    notes: ['the file is as it was', `what you wrote is kept: ${copy}`],
    ...(hint === undefined ? {} : { hint }),
  });
}
