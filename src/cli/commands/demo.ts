/** `whaleflow demo`: a throw-away repository, its workflow run as any other, and what came of it. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { readConfig } from '../../workbench/config.ts';
import { demoFindings } from '../../workbench/demo-findings.ts';
import { createRun } from '../../workbench/launch-run.ts';
import { makeDemo } from '../../workbench/make-demo.ts';
import { type PreparedDemo, prepareDemo } from '../../workbench/prepare-demo.ts';
import { consentOf } from '../../workbench/prepare-run.ts';
import { lowered, readCeilings } from '../ceilings.ts';
import { obtainConsent } from '../consent.ts';
import type { CommandContext } from '../context.ts';
import { demoAgain } from '../demo-again.ts';
import { failingDemo, goOn } from '../demo-fail.ts';
import { type DemoEnd, demoJson, demoLines, nextLines } from '../demo-page.ts';
import { demoNext, demoPlace, nearHome, openDemo, programOf } from '../demo-place.ts';
import type { CommandInput } from '../input.ts';
import { launch } from '../launch.ts';
import { readParameters } from '../parameters.ts';
import { type EndParts, outputOf } from '../print-end.ts';
import { readSandbox } from '../sandbox-choice.ts';
import { isAtRest } from '../standing.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const isFailing = input.has('fail');
  if (isFailing && input.has('again')) {
    throw new WhaleFlowError('WF2002', '--again and --fail are two demos', { hint: 'take one' });
  }
  if (input.list('model').includes('mock')) {
    const hint = 'leave --model out: the demo’s own models answer by a script, offline and free';
    const message = 'the mock calls no tools, which the demo’s agents need';
    throw new WhaleFlowError('WF2002', message, { hint });
  }
  if (input.has('again')) return demoAgain(context, input, sayEnd);
  const given = readParameters(input, context);
  const name = isFailing ? 'demo-fail' : 'demo';
  const folder = await makeDemo(await context.workbench(), { name, program: programOf(context) });
  using workbench = openDemo(context, folder);
  const { host, flags, output } = context;
  const config = readConfig({ places: workbench.places, env: host.env, set: flags.set });
  const { ceiling, ...asked } = isFailing
    ? failingDemo
    : ({ ceiling: {}, model: 'demo:scripted', models: [] } as const);
  const demo = await prepareDemo(workbench, config, {
    ...given,
    ...readSandbox(input),
    ...asked,
    models: [...asked.models, ...input.list('model')],
    allow: input.list('allow'),
  });
  const prepared = lowered(demo.prepared, config.ceilings, ceiling, readCeilings(input));
  for (const line of headLines(context, { folder, demo, isFailing })) output.talk(line);
  const { allow } = demo;
  const consent =
    prepared.unaccepted.length === 0
      ? consentOf('flag', { allow })
      : await obtainConsent(context, { prepared, request: { allow }, plan: [] });
  if (consent === undefined) {
    output.talk('nothing was started');
    return 1;
  }
  const id = await createRun(workbench, prepared, { consent });
  const place = demoPlace(context, folder, name);
  if (isFailing) return await goOn(context, input, { workbench, run: id, place, sayEnd });
  const end = (_context: CommandContext, parts: EndParts): void => sayEnd(context, parts, place);
  return await launch(context, workbench, input, {
    run: id,
    afterEpoch: 0,
    end,
    program: place.program,
  });
}

interface Head {
  readonly folder: string;
  readonly demo: PreparedDemo;
  readonly isFailing: boolean;
}

function headLines(context: CommandContext, { folder, demo, isFailing }: Head): readonly string[] {
  const { prepared, unconfined } = demo;
  const { talkStyle: style } = context.output;
  const models = [...new Set(Object.values(prepared.config.routes))].join(', ');
  return [
    `${style.paint('bold', 'demo')}: a bill that loses cents. Two agents mend it in two ways; tests decide.`,
    '      Only the models’ words are scripted; tools, trees and tests are real.',
    ...(isFailing
      ? ['      This time all goes wrong that may. Prices are pretended; none is billed.']
      : []),
    `      ${models} · sandbox ${prepared.config.sandbox} · ${nearHome(context, folder)}`,
    ...(unconfined === undefined
      ? []
      : [
          `${style.paint('yellow', 'warning')}: ${unconfined.message}; its tests run as you (all that they run is the demo’s own)`,
        ]),
  ].map((line) => style.text(line));
}

/** The last page: what came of it, and what to type next. */
const sayEnd: DemoEnd = (context, parts, place, counted) => {
  const { output } = context;
  const value = outputOf(parts.store, parts.view);
  const findings = demoFindings(parts.view, parts.store, value);
  const next = isAtRest(parts.standing) ? demoNext(context, place, findings) : [];
  if (output.isJson) {
    output.json(demoJson(parts, { findings, folder: place.folder, next, counted }));
    return;
  }
  const { style, columns: width } = output;
  for (const line of demoLines(parts, { style, width, findings, counted })) output.data(line);
  const near = nearHome(context, place.folder);
  for (const line of nextLines(next, { style, near })) output.data(line);
};
