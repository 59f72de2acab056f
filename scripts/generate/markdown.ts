/** Pieces of Markdown. */

/** A page from its blocks, with the line that keeps people from editing it. */
export function page(title: string, blocks: readonly string[]): string {
  const note =
    '<!-- Made by scripts/generate.ts (npm run fix). Change the tables in src instead. -->';
  return `${[`# ${title}`, note, ...blocks].join('\n\n')}\n`;
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(inCell).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

const inCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

export function code(text: string, language = ''): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** A span of code that may hold backticks. */
export function span(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
