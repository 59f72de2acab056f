/** Permissions: what the nodes need at least, and how rights narrow. */
import { literalGlob, textGlobCovers } from '../../base/glob.ts';
import { bashProgram } from '../bash-program.ts';
import type { NodeDocument, TaskDocument, WorkflowDocument } from '../document.ts';
import type { Permissions } from '../limits.ts';
import { joinArgv } from '../task.ts';
import { parseTemplate, templateHoles } from '../template.ts';
import { childrenOf } from './children.ts';
import { NO_PERMISSIONS } from './defaults.ts';

/** The rights of an outer layer, narrowed by what an inner one says about itself. */
export function narrow(parent: Permissions, own: Partial<Permissions> | undefined): Permissions {
  if (own === undefined) return parent;
  return {
    write: parent.write && own.write !== false,
    shell: parent.shell && own.shell !== false,
    network: parent.network && own.network !== false,
    commands: both(parent.commands, own.commands),
    tools: both(parent.tools, own.tools),
    env: both(parent.env, own.env),
  };
}

/** Globs of either side that the other covers: never more than both grant. */
function both(parent: readonly string[], own: readonly string[] | undefined): readonly string[] {
  if (own === undefined) return parent;
  return [
    ...new Set([
      ...own.filter((glob) => textGlobCovers(parent, glob)),
      ...parent.filter((glob) => textGlobCovers(own, glob)),
    ]),
  ];
}

/**
 * The rights of a workflow whose author names none: exactly the commands that it spells out, tools
 * that it names, and writing where a node says so. Nothing for arguments that are filled in later.
 */
export function leastRights(document: WorkflowDocument): Permissions {
  const commands = new Set<string>();
  const tools = new Set<string>();
  let shell = false;
  let write = false;
  const open: NodeDocument[] = [...document.nodes];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.mode === 'read_write') write = true;
    if (node.kind === 'leaf' || node.kind === 'reduce') {
      const { task } = node;
      if (task.type === 'command') {
        shell = true;
        const glob = commandGlob(argvOf(task.argv), shellOf(task));
        if (glob.isFixed) commands.add(glob.glob);
      }
      if (task.type === 'agent') for (const tool of task.tools ?? []) tools.add(tool);
    }
    const { harvest } = 'harvest' in node ? node : {};
    if (harvest !== undefined) {
      shell = true;
      write = true;
      const check = commandGlob(argvOf(harvest.argv), shellOf(harvest));
      if (check.isFixed) commands.add(check.glob);
    }
    open.push(...childrenOf(node).map(({ child }) => child));
  }
  return {
    ...NO_PERMISSIONS,
    write,
    shell,
    commands: [...commands].sort(),
    tools: [...tools].sort(),
  };
}

type CommandDocument = Extract<TaskDocument, { type: 'command' }>;

/** One string is a program for `bash -c`. */
export function argvOf(
  argv: Extract<TaskDocument, { type: 'command' }>['argv'],
): readonly string[] {
  return typeof argv === 'string' ? ['bash', '-c', argv] : argv;
}

function shellOf({ argv, shell }: Pick<CommandDocument, 'argv' | 'shell'>): 'bash' | undefined {
  return typeof argv === 'string' ? 'bash' : shell;
}

export interface CommandGlob {
  /** Matches all that the command may become: a star where a template is filled in. */
  readonly glob: string;
  readonly isFixed: boolean;
}

/** A program for bash is fixed whatever goes into it: values are its parameters. */
export function commandGlob(argv: readonly string[], shell: 'bash' | undefined): CommandGlob {
  const texts =
    shell === undefined
      ? argv
      : [...argv.slice(0, -1), bashProgram(argv.at(-1) ?? '').script.replaceAll('{{', '\\{{')];
  const glob = (argument: string): string =>
    parseTemplate(argument)
      .parts.map((part) => (part.type === 'text' ? literalGlob(part.text) : '*'))
      .join('');
  return {
    glob: joinArgv(texts.map(glob)),
    isFixed: texts.every((text) => templateHoles(text).length === 0),
  };
}
