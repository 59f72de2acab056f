/** `whaleflow trust [DIR]`: from now on the config of this repository counts. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { SettingValue } from '../../workbench/check-setting.ts';
import { readConfig } from '../../workbench/config.ts';
import { findPlaces, type Places } from '../../workbench/places.ts';
import { refuseTrackedLocal } from '../../workbench/refuse-tracked-local.ts';
import { type Trust, takeBackTrust, trust, trustedFiles, trustOf } from '../../workbench/trust.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { lineText, markSegment } from '../segments.ts';
import { warn } from './run.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { host, output, flags, cwd } = context;
  const folder = resolve(cwd, input.words[0] ?? '.');
  if (!existsSync(folder))
    throw new WhaleFlowError('WF2003', `no folder ${folder}`, {
      hint: 'in the folder itself: whaleflow trust',
    });
  const places = findPlaces({ cwd: folder, env: host.env });
  const before = trustOf(places);
  if (input.has('take-back')) return takeBack(context, places, before);
  await refuseTrackedLocal(places, host.env);
  const real = trust(places);
  const config = readConfig({ places, env: host.env, set: flags.set });
  const { settings, models, hooks, mcp, warnings } = config;
  const own = [...settings, ...models.settings, ...hooks.settings, ...mcp.settings].filter(
    ({ origin }) => origin.startsWith(`${places.projectFolder}/`),
  );
  const files = trustedFiles(places);
  if (output.isJson) {
    output.json({
      schema: 'whaleflow.trust/1',
      folder: real,
      was_trusted: before === 'trusted',
      is_trusted: true,
      settings: own.map((setting) => ({ ...setting })),
      files: files.map((file) => ({ ...file })),
    });
    return 0;
  }
  warn(context, warnings);
  sayDone(context, `${real} ${SAID[before]}`);
  for (const { key, value, origin } of own) output.data(settingText(key, value, origin));
  if (own.length === 0) output.data('  its config sets nothing');
  for (const { path } of files)
    output.data(printable(`  ${path}   is named by it, and trusted as it is now`));
  output.talk('to take it back: whaleflow trust --take-back');
  return 0;
}

const SAID: Readonly<Record<Trust, string>> = {
  trusted: 'was trusted before',
  changed: 'is trusted as its config is now',
  files_changed: 'is trusted as the files are now that its config names',
  not_trusted: 'is trusted from now on',
};

function takeBack(context: CommandContext, places: Places, before: Trust): ExitStatus {
  const folder = takeBackTrust(places);
  const { output } = context;
  if (output.isJson) {
    const said = { folder, was_trusted: before === 'trusted', is_trusted: false };
    output.json({ schema: 'whaleflow.trust/1', ...said, settings: [], files: [] });
  } else sayDone(context, `${folder} ${before === 'not_trusted' ? 'was' : 'is'} not trusted`);
  return 0;
}

function sayDone({ output }: CommandContext, text: string): void {
  const { style, columns } = output;
  output.data(lineText([markSegment('done', style), { text: ` ${text}` }], style, columns));
}

const settingText = (key: string, value: SettingValue, origin: string): string =>
  `  ${key} = ${value}   ${origin}`;
