/**
 * Ctrl-C and signals while a run is shown. With a person there is a question, and nothing destroys by
 * one key; without one the first SIGINT cancels and the second kills.
 */
import type { ExitStatus } from '../base/error-codes.ts';
import type { Host } from './host.ts';

/** What the person or the signal wants. */
export type Wish =
  | { readonly do: 'detach'; readonly exit: ExitStatus }
  | { readonly do: 'cancel'; readonly exit: ExitStatus }
  | { readonly do: 'kill'; readonly exit: ExitStatus };

export interface InterruptsRequest {
  /** A person is at the keyboard, and the picture is on a terminal. */
  readonly isInteractive: boolean;
  /** `watch` only looks: a signal ends the looking. */
  readonly isReader: boolean;
  /** The driver is this process: there is nothing to detach from. */
  readonly isDriver: boolean;
  readonly now: () => number;
  readonly onWish: (wish: Wish) => void;
}

export interface Interrupts extends Disposable {
  /** The last line of the picture. */
  footer(): string;
  /** Lets time pass: an unanswered question detaches. */
  tick(): void;
}

const ANSWER_MS = 5_000;

export function interrupts(host: Host, request: InterruptsRequest): Interrupts {
  const { isInteractive, isReader, isDriver, now, onWish } = request;
  let askedAt: number | undefined;
  let signals = 0;
  const ask = (): void => {
    if (askedAt === undefined && signals === 0) askedAt = now();
    else if (signals > 0 || isDriver) onWish({ do: 'kill', exit: 130 });
    else onWish({ do: 'detach', exit: 0 });
  };
  const cancel = (exit: ExitStatus): void => {
    askedAt = undefined;
    signals += 1;
    onWish({ do: signals === 1 ? 'cancel' : 'kill', exit });
  };
  const onKey = (key: string): void => {
    if (key === '\x03') ask();
    else if (askedAt === undefined) {
      if (key === 'q' && !isDriver) onWish({ do: 'detach', exit: 0 });
    } else if (key === 'd' && !isDriver) onWish({ do: 'detach', exit: 0 });
    else if (key === 'c') cancel(130);
    else if (key === '\r' || key === '\n' || key === '\x1b') askedAt = undefined;
  };
  const onSignal = (exit: ExitStatus): void => {
    if (isReader) onWish({ do: 'detach', exit });
    else cancel(exit);
  };
  const opened: Disposable[] = [
    ...(isInteractive ? [host.keys(onKey)] : []),
    host.onSignal('SIGINT', () => (isInteractive ? ask() : onSignal(130))),
    host.onSignal('SIGTERM', () => onSignal(143)),
    host.onSignal('SIGHUP', () => onWish({ do: isDriver ? 'cancel' : 'detach', exit: 143 })),
  ];
  return {
    footer() {
      if (signals > 0) return 'ending: leaves in flight have 10 s · Ctrl-C again kills';
      if (askedAt === undefined) {
        return isDriver
          ? 'Ctrl-C: cancel…'
          : 'q detach (the run goes on) · Ctrl-C: detach, cancel…';
      }
      if (isDriver) return 'cancel the run? finished leaves stay — [c]ancel  [Enter] stay';
      return 'run goes on in the background — [d]etach  [c]ancel  [Enter] stay';
    },
    tick() {
      if (askedAt === undefined || Math.abs(now() - askedAt) < ANSWER_MS) return;
      askedAt = undefined;
      if (!isDriver) onWish({ do: 'detach', exit: 0 });
    },
    [Symbol.dispose]() {
      for (const one of opened) one[Symbol.dispose]();
    },
  };
}
