import { type ErrorCode, errorCodes } from '../../src/base/error-codes.ts';
import { errorExamples } from '../../src/cli/error-examples.ts';
import { code, page } from './markdown.ts';

const RANGES: Readonly<Record<string, string>> = {
  1: 'Source',
  2: 'Usage and config',
  3: 'Provider and agent',
  4: 'Budget, limits, permission',
  5: 'Replay and trace',
  6: 'Git and apply',
  7: 'Store',
  9: 'Ours',
};

export function errorsPage(): string {
  const codes = (Object.keys(errorCodes) as ErrorCode[]).sort();
  const blocks = Object.entries(RANGES).flatMap(([digit, title]) => {
    const own = codes.filter((one) => one.startsWith(`WF${digit}`));
    return own.length === 0 ? [] : [`## ${digit}xxx: ${title}`, ...own.flatMap(codeBlocks)];
  });
  return page('Error codes', [
    'A code never changes its meaning. `whaleflow explain CODE` prints the same.',
    ...blocks,
  ]);
}

function codeBlocks(name: ErrorCode): readonly string[] {
  const { title, explain, exit, http } = errorCodes[name];
  const example = errorExamples[name] ?? [];
  return [
    `### ${name}: ${title}`,
    explain,
    ...(example.length === 0 ? [] : [code(example.join('\n'))]),
    `Exit status ${exit}, HTTP status ${http}.`,
  ];
}
