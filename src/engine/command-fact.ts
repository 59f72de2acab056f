import type { Fact } from '../trace/events.ts';
import type { Command } from '../trace/trace-store.ts';

/** What a word from outside means as a fact; undefined for words of later versions. */
export function factOfCommand(command: Command, by: string): Fact | undefined {
  switch (command.type) {
    case 'cancel':
      return command.path === undefined
        ? { type: 'run.cancelled', by, ...reasonOf(command) }
        : { type: 'leaf.cancelled', path: command.path, by };
    case 'pause':
      return { type: 'run.paused', by };
    case 'resume':
      return { type: 'run.resumed', by };
    case 'retry':
      return { type: 'leaf.restarted', path: command.path, by };
    case 'skip':
      return { type: 'leaf.skipped', path: command.path, by };
    case 'budget':
      return { type: 'budget.raised', budget: command.budget };
    case 'answer': {
      const { path, approved } = command;
      return { type: 'approval.answered', path, approved, by, ...reasonOf(command) };
    }
    // A word that a later version sent.
    default:
      return undefined;
  }
}

const reasonOf = ({ reason }: { readonly reason?: string }): { readonly reason?: string } =>
  reason === undefined ? {} : { reason };
