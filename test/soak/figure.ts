/** A figure of a test: said, and in a soak kept for its table. */
import { appendFileSync } from 'node:fs';

export function figure(text: string): void {
  console.info(text);
  const file = process.env['WHALEFLOW_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${text.replaceAll('\n', ' ')}\n`);
}
