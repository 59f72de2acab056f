/**
 * Asks what has to be asked before leaves run: the plan, and, without a sandbox, each command that nobody
 * has accepted.
 */
import { WhaleFlowError } from '../base/errors.ts';
import type { Consent } from '../trace/events.ts';
import { consentOf, type PreparedRun } from '../workbench/prepare-run.ts';
import { ask } from './ask.ts';
import type { CommandContext } from './context.ts';
import { hooksLines, NO_SANDBOX } from './plan-block.ts';
import { commandLine, shellWord } from './program-words.ts';

export interface ConsentRequest {
  readonly prepared: Pick<PreparedRun, 'commands' | 'unaccepted'> & {
    readonly config: Pick<PreparedRun['config'], 'sandbox'>;
    readonly wiring?: PreparedRun['wiring'];
  };
  readonly allow: readonly string[];
  /** What is shown above the question. */
  readonly plan: readonly string[];
}

/**
 * The consent to record, or undefined when the person says no. `--yes` accepts the plan, never commands.
 * @throws {WhaleFlowError} WF2101 naming the flags, when nobody can be asked.
 */
export async function obtainConsent(
  context: CommandContext,
  { prepared, allow, plan }: ConsentRequest,
): Promise<Consent | undefined> {
  const { flags, mayAsk, output } = context;
  const { commands, unaccepted, config } = prepared;
  const needsPerson = !flags.yes || unaccepted.length > 0;
  if (needsPerson && !mayAsk) throw needsFlags(context, unaccepted);
  // The plan names hooks too; what runs with somebody’s rights is never started without a word.
  const isShown = needsPerson || flags.verbosity > 0;
  for (const line of isShown ? plan : hooksLines(prepared.wiring)) output.talk(line);
  if (commands.length > 0 && config.sandbox === 'none') {
    output.talk(`${output.talkStyle.paint('yellow', 'warning')}: ${NO_SANDBOX}`);
  }
  if (!needsPerson) return consentOf('flag', { allow }, []);
  for (const command of unaccepted) {
    output.talk(
      `   not accepted yet: ${output.talkStyle.paint('bold', `--allow ${shellWord(command)}`)}`,
    );
  }
  const what = unaccepted.length === 0 ? '' : ' and accept these commands';
  const isYes = await ask(context, ` [Enter] run${what}   [Esc] no `);
  return isYes ? consentOf('person', { allow }, unaccepted) : undefined;
}

function needsFlags(
  { flags, argv }: CommandContext,
  unaccepted: readonly string[],
): WhaleFlowError {
  const allow = unaccepted.flatMap((command) => ['--allow', command]);
  const missing = [...(flags.yes ? [] : ['-y']), ...allow];
  const what =
    unaccepted.length === 0
      ? 'the plan has to be accepted'
      : `commands have to be accepted: ${unaccepted.join(', ')}`;
  return new WhaleFlowError('WF2101', `${what}, and nobody can be asked here`, {
    ...(unaccepted.length === 0 ? {} : { notes: [NO_SANDBOX, '--yes never accepts commands'] }),
    hint: commandLine(argv, missing),
  });
}
