import { parseTemplate, type TemplateValuePart } from '../../workflow/template.ts';

/** A template with its holes replaced; literal braces stay as they were written. */
export function mapHoles(text: string, map: (part: TemplateValuePart) => string): string {
  const template = parseTemplate(text);
  // Text that cannot be read as a template is reported by the gate, as it stands.
  if (template.problems.length > 0) return text;
  return template.parts
    .map((part) => (part.type === 'text' ? part.text.replaceAll('{{', '\\{{') : map(part)))
    .join('');
}
