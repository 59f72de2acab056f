/** What every command gets: the process, its flags, its output, and a workbench when it asks for one. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import type { EffectiveConfig } from '../workbench/config.ts';
import type { Workbench } from '../workbench/workbench.ts';
import type { CommandSpec } from './command.ts';
import type { GlobalFlags } from './flags.ts';
import type { Host } from './host.ts';
import { type Output, openOutput } from './output.ts';

export interface CommandContext extends Disposable {
  readonly host: Host;
  readonly flags: GlobalFlags;
  readonly output: Output;
  /** A person is there to answer: terminal on both sides, no `--no-input`, no CI. */
  readonly mayAsk: boolean;
  /** Names of all commands: nothing else is recommended. */
  readonly known: ReadonlySet<string>;
  /** The command line as it was typed. */
  readonly argv: readonly string[];
  /** The working folder, `-C` applied. */
  readonly cwd: string;
  /** Opened at the first call, closed with the context. */
  workbench(): Promise<Workbench>;
  /** Reads the configuration; its warnings are the caller’s to print. */
  config(): Promise<EffectiveConfig>;
}

export function openContext(
  host: Host,
  flags: GlobalFlags,
  {
    known,
    argv,
    rows,
  }: Pick<CommandContext, 'known' | 'argv'> & {
    readonly rows: CommandSpec['rows'] | undefined;
  },
): CommandContext {
  const { stateDir, directory, noInput, format } = flags;
  const cwd = directory === undefined ? host.cwd : resolve(host.cwd, directory);
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new WhaleFlowError('WF2003', `no folder ${directory ?? cwd}`, {
      hint: '-C takes a folder that is there',
    });
  }
  let opened: Workbench | undefined;
  return {
    host,
    flags,
    known,
    argv,
    cwd,
    output: openOutput(host, flags, rows),
    mayAsk:
      host.stderr.isTerminal &&
      !noInput &&
      (host.env['CI'] ?? '') === '' &&
      (format === 'table' || format === 'md') &&
      host.hasInput,
    async workbench() {
      if (opened !== undefined) return opened;
      const { openWorkbench } = await import('../workbench/workbench.ts');
      opened = openWorkbench({
        cwd,
        env: host.env,
        set: flags.set,
        ...(stateDir === undefined ? {} : { stateDir: resolve(host.cwd, stateDir) }),
        ...(host.openStore === undefined ? {} : { openStore: host.openStore }),
      });
      return opened;
    },
    async config() {
      const [{ readConfig }, { places }] = await Promise.all([
        import('../workbench/config.ts'),
        this.workbench(),
      ]);
      return readConfig({ places, env: host.env, set: flags.set });
    },
    [Symbol.dispose]() {
      opened?.[Symbol.dispose]();
      opened = undefined;
    },
  };
}
