/**
 * A template for `bash -c` in which values never become program text: each goes in as a positional
 * parameter, quoted for the place where it stands. The program is the same whatever the values are,
 * so that permissions and people can look at it before a run.
 */
import { parseTemplate, type TemplateValuePart } from './template.ts';

export interface BashProgram {
  readonly script: string;
  /** What `$1`, `$2`, … stand for. */
  readonly values: readonly TemplateValuePart[];
}

export function bashProgram(template: string): BashProgram {
  const values: TemplateValuePart[] = [];
  let script = '';
  for (const part of parseTemplate(template).parts) {
    if (part.type === 'text') {
      script += part.text;
      continue;
    }
    values.push(part);
    script += expansion(values.length, quoteAround(script));
  }
  return { script, values };
}

type Quote = 'none' | 'single' | 'double';

function expansion(number: number, quote: Quote): string {
  switch (quote) {
    case 'none':
      return `"\${${number}}"`;
    case 'double':
      return `\${${number}}`;
    case 'single':
      return `'"\${${number}}"'`;
  }
}

/** The quotes that are open at the end of a piece of bash. */
function quoteAround(script: string): Quote {
  let quote: Quote = 'none';
  for (let index = 0; index < script.length; index += 1) {
    const character = script[index];
    if (character === '\\' && quote !== 'single') index += 1;
    else if (character === "'" && quote !== 'double')
      quote = quote === 'single' ? 'none' : 'single';
    else if (character === '"' && quote !== 'single')
      quote = quote === 'double' ? 'none' : 'double';
  }
  return quote;
}
