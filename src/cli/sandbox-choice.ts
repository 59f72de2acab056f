/** `--sandbox`: read, and what it means for a run that goes on. */
import { WhaleFlowError } from '../base/errors.ts';
import type { DriveOrder } from '../workbench/launch-run.ts';
import { chooseSandbox, openSandbox, type SandboxMode } from '../workbench/open-sandbox.ts';
import { commandsOf, unacceptedOf } from '../workbench/prepare-run.ts';
import { startedOf } from '../workbench/steer.ts';
import type { Workbench } from '../workbench/workbench.ts';
import { obtainConsent } from './consent.ts';
import type { CommandContext } from './context.ts';
import type { CommandInput } from './input.ts';

/** @throws {WhaleFlowError} WF2002 for another word. */
export function readSandbox(input: CommandInput): { readonly sandbox?: SandboxMode } {
  const word = input.text('sandbox');
  if (word === undefined) return {};
  if (word === 'strict' || word === 'off') return { sandbox: word };
  throw new WhaleFlowError('WF2002', `--sandbox takes strict or off, not \`${word}\``);
}

/**
 * How a run that goes on is confined: as recorded, unless this command says otherwise. Undefined when the
 * person does not accept its commands without a sandbox.
 * @throws {WhaleFlowError} WF4004 where it was strict and this machine cannot; WF2101.
 */
export async function sandboxOrder(
  context: CommandContext,
  workbench: Workbench,
  { run, input }: { readonly run: string; readonly input: CommandInput },
): Promise<DriveOrder | undefined> {
  const { sandbox: mode } = readSandbox(input);
  const { spec, config, consent: recorded } = startedOf(workbench.store('write'), run);
  const isMock = config.wiring.startsWith('mock');
  const level =
    mode === undefined || isMock
      ? config.sandbox
      : (await chooseSandbox(workbench, spec, mode)).level;
  if (mode === undefined) await openSandbox(workbench, level);
  const changed = level === config.sandbox ? {} : { sandbox: level };
  if (level !== 'none' || isMock) return changed;
  const allow = [...recorded.commands, ...input.list('allow')];
  const commands = commandsOf(spec);
  const unaccepted = unacceptedOf(commands, allow);
  // What was accepted when the run began is accepted still, and what was not stays refused.
  if (changed.sandbox === undefined && input.list('allow').length === 0) return {};
  const prepared = { commands, unaccepted, unacceptedSecrets: [], config: { sandbox: level } };
  const consent = await obtainConsent(context, { prepared, request: { allow }, plan: [] });
  if (consent === undefined) return undefined;
  // What of its variables was accepted when it began, or was given before that was asked, stays.
  const { by, commands: accepted } = consent;
  const { env } = recorded;
  return { ...changed, consent: { by, commands: accepted, ...(env === undefined ? {} : { env }) } };
}
