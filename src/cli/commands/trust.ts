/** `whaleflow trust [DIR]`: from now on the config of this repository counts. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { SettingValue } from '../../workbench/check-setting.ts';
import { readConfig } from '../../workbench/config.ts';
import { findPlaces } from '../../workbench/places.ts';
import { trust, trustOf } from '../../workbench/trust.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { lineText, markSegment } from '../segments.ts';
import { warn } from './run.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { host, output, flags, cwd } = context;
  const folder = resolve(cwd, input.words[0] ?? '.');
  if (!existsSync(folder)) throw new WhaleFlowError('WF2003', `no folder ${folder}`);
  const places = findPlaces({ cwd: folder, env: host.env });
  const before = trustOf(places);
  const wasTrusted = before === 'trusted';
  const real = trust(places);
  const config = readConfig({ places, env: host.env, set: flags.set });
  const { settings, models, hooks, mcp, warnings } = config;
  const own = [...settings, ...models.settings, ...hooks.settings, ...mcp.settings].filter(
    ({ origin }) => origin.startsWith(`${places.projectFolder}/`),
  );
  if (output.isJson) {
    const list = own.map((setting) => ({ ...setting }));
    output.json({
      schema: 'whaleflow.trust/1',
      folder: real,
      was_trusted: wasTrusted,
      settings: list,
    });
    return 0;
  }
  warn(context, warnings);
  const { style, columns } = output;
  const said = {
    trusted: 'was trusted before',
    changed: 'is trusted as its config is now',
    not_trusted: 'is trusted from now on',
  }[before];
  output.data(lineText([markSegment('done', style), { text: ` ${real} ${said}` }], style, columns));
  for (const { key, value, origin } of own) output.data(settingText(key, value, origin));
  if (own.length === 0) output.data('  its config sets nothing');
  output.talk(`to take it back, delete its line in ${join(places.userFolder, 'trusted')}`);
  return 0;
}

const settingText = (key: string, value: SettingValue, origin: string): string =>
  `  ${key} = ${value}   ${origin}`;
