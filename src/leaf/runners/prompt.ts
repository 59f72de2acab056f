/**
 * The texts of a leaf: its templates filled in. A prompt ends with every input that its template does
 * not name, so that an author need not write what is plain from the graph.
 */
import type { JsonObject } from '../../base/json.ts';
import { previousName } from '../../workflow/node-id.ts';
import {
  renderArgument,
  renderPrompt,
  splitName,
  type TemplateValues,
  templateHoles,
} from '../../workflow/template.ts';
import type { LeafJob } from '../leaf-job.ts';

/** The prompt of a leaf: template, then the inputs that it does not name. */
export function promptOf(template: string, job: LeafJob): string {
  const values = templateValues(job);
  const names = Object.keys(job.inputs);
  if (names.length === 0) return renderPrompt(template, values).toWellFormed();
  const named = namedInputs(template, values.inputs);
  const rest = names.filter((name) => !named.has(name));
  const sections = rest.map((name) =>
    renderPrompt('{{inputs.it}}', { ...values, inputs: { it: job.inputs[name] ?? null } }).replace(
      'name="inputs.it"',
      () => `name="inputs.${name}"`,
    ),
  );
  return [renderPrompt(template, values), ...sections].join('\n\n').toWellFormed();
}

/** A system text: as a prompt, without the inputs that it does not name. */
export function systemOf(template: string, job: LeafJob): string {
  return renderPrompt(template, templateValues(job)).toWellFormed();
}

/** One argument, query or key. */
export function argumentOf(template: string, job: LeafJob): string {
  return renderArgument(template, templateValues(job)).toWellFormed();
}

function templateValues({ inputs, previous, params, item, iteration }: LeafJob): TemplateValues {
  const before = Object.entries(previous).map(([name, value]) => [previousName(name), value]);
  return {
    inputs: { ...inputs, ...Object.fromEntries(before) },
    params,
    ...(item === undefined ? {} : { item }),
    ...(iteration === undefined ? {} : { iteration }),
  };
}

function namedInputs(template: string, inputs: JsonObject): ReadonlySet<string> {
  const names = templateHoles(template).flatMap(({ source, path }) => {
    if (source === 'inputs') return splitName(path, (name) => Object.hasOwn(inputs, name)) ?? [];
    if (source !== 'previous') return [];
    const split = splitName(path, (name) => Object.hasOwn(inputs, previousName(name)));
    return split === undefined ? [] : { name: previousName(split.name) };
  });
  return new Set(names.map(({ name }) => name));
}
