/**
 * Asks what has to be asked before leaves run: the plan, each variable that looks like a secret, and, without
 * a sandbox, each command that nobody has accepted.
 */
import { WhaleFlowError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import type { Consent } from '../trace/run-terms.ts';
import { consentOf, type PreparedRun, type PrepareRequest } from '../workbench/prepare-run.ts';
import { ask } from './ask.ts';
import type { CommandContext } from './context.ts';
import { hooksLines, NO_SANDBOX } from './plan-block.ts';
import { commandLine, shellWord } from './program-words.ts';

export interface ConsentRequest {
  readonly prepared: Pick<PreparedRun, 'commands' | 'unaccepted' | 'unacceptedSecrets'> & {
    readonly config: Pick<PreparedRun['config'], 'sandbox'>;
    readonly wiring?: PreparedRun['wiring'];
  };
  /** What the command line accepts. */
  readonly request: Pick<PrepareRequest, 'allow' | 'allowEnv'>;
  /** What is shown above the question. */
  readonly plan: readonly string[];
}

/**
 * The consent to record, or undefined when the person says no. `--yes` accepts the plan, never commands or
 * secrets.
 * @throws {WhaleFlowError} WF2101 naming the flags, when nobody can be asked.
 */
export async function obtainConsent(
  context: CommandContext,
  { prepared, request, plan }: ConsentRequest,
): Promise<Consent | undefined> {
  const { flags, mayAsk, output } = context;
  const { commands, config } = prepared;
  const missing = missingOf(prepared);
  const needsPerson = !flags.yes || missing.length > 0;
  if (needsPerson && !mayAsk) throw needsFlags(context, prepared, missing);
  // The plan names hooks too; what runs with somebody’s rights is never started without a word.
  const isShown = needsPerson || flags.verbosity > 0;
  for (const line of isShown ? plan : hooksLines(prepared.wiring)) output.talk(line);
  const { talkStyle } = output;
  if (commands.length > 0 && config.sandbox === 'none') {
    output.talk(`${talkStyle.paint('yellow', 'warning')}: ${NO_SANDBOX}`);
  }
  if (!needsPerson) return consentOf('flag', request);
  for (const { what, flag, value } of missing) {
    const words = printable(`${flag} ${shellWord(value)}`);
    const warning = what === 'secret' ? `${talkStyle.paint('yellow', 'warning')}: ` : '';
    output.talk(`   ${warning}${WORDS[what]}: ${talkStyle.paint('bold', words)}`);
  }
  const isYes = await ask(context, ` [Enter] run${alsoText(prepared)}   [Esc] no `);
  const { unaccepted, unacceptedSecrets } = prepared;
  const accepted = { commands: unaccepted, secrets: unacceptedSecrets };
  return isYes ? consentOf('person', request, accepted) : undefined;
}

type Unaccepted = Pick<PreparedRun, 'unaccepted' | 'unacceptedSecrets'>;

interface Missing {
  readonly what: 'command' | 'secret';
  readonly flag: '--allow' | '--allow-env';
  readonly value: string;
}

const WORDS: Readonly<Record<Missing['what'], string>> = {
  command: 'not accepted yet',
  secret: 'its commands would be given what looks like a secret',
};

const missingOf = ({ unaccepted, unacceptedSecrets }: Unaccepted): readonly Missing[] => [
  ...unacceptedSecrets.map((value) => ({ what: 'secret', flag: '--allow-env', value }) as const),
  ...unaccepted.map((value) => ({ what: 'command', flag: '--allow', value }) as const),
];

function alsoText({ unaccepted, unacceptedSecrets }: Unaccepted): string {
  return [
    unaccepted.length === 0 ? '' : ' and accept these commands',
    unacceptedSecrets.length === 0 ? '' : ` and give them ${unacceptedSecrets.join(', ')}`,
  ].join('');
}

function needsFlags(
  { flags, argv }: CommandContext,
  { unaccepted, unacceptedSecrets }: Unaccepted,
  missing: readonly Missing[],
): WhaleFlowError {
  const words = missing.flatMap(({ flag, value }) => [flag, value]);
  const secrets = `its commands would be given what looks like a secret: ${unacceptedSecrets.join(', ')}`;
  const commands = `commands have to be accepted: ${unaccepted.join(', ')}`;
  const what = [
    ...(unacceptedSecrets.length === 0 ? [] : [secrets]),
    ...(unaccepted.length === 0 ? [] : [commands]),
  ];
  const asked = what.length === 0 ? 'the plan has to be accepted' : what.join('; ');
  const notes = [
    ...(unacceptedSecrets.length === 0 ? [] : ['--yes never hands out secrets']),
    ...(unaccepted.length === 0 ? [] : [NO_SANDBOX, '--yes never accepts commands']),
  ];
  return new WhaleFlowError('WF2101', `${asked}, and nobody can be asked here`, {
    ...(notes.length === 0 ? {} : { notes }),
    hint: commandLine(argv, [...(flags.yes ? [] : ['-y']), ...words]),
  });
}
