import { configKeys } from '../../src/workbench/config-keys.ts';
import { code, page, span, table } from './markdown.ts';

export function configPage(): string {
  const rows = Object.entries(configKeys).map(([key, row]) => [
    span(key),
    row.isCeiling ? `${row.about} A ceiling: the least of all layers counts.` : row.about,
    String(row.value),
    row.type === 'switch' ? 'true, false' : `${row.min} to ${row.max}`,
    span(`WHALEFLOW_${key.replace('.', '_').toUpperCase()}`),
  ]);
  return page('Configuration', [
    'Strongest first: `--set KEY=VALUE` · environment · `.whaleflow/config.local.toml` · `.whaleflow/config.toml` · `config.toml` of the user · built in. The two files of a repository count only after `whaleflow trust`. Of ceilings the least of all layers counts, so that a repository can only tighten. An unknown key is a warning.',
    table(['key', 'meaning', 'default', 'range', 'environment'], rows),
    code(exampleFile(), 'toml'),
    '`whaleflow config ls --show-origin` says where each value comes from; `whaleflow config path` names the files; `whaleflow schema config` is for editors.',
  ]);
}

/** All keys with their defaults, as a file would have them. */
function exampleFile(): string {
  const lines: string[] = [];
  let section = '';
  for (const [key, { value }] of Object.entries(configKeys)) {
    const [table = '', name = ''] = key.split('.');
    if (table !== section) lines.push(...(section === '' ? [] : ['']), `[${table}]`);
    section = table;
    lines.push(`${name} = ${value}`);
  }
  return lines.join('\n');
}
