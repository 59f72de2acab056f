/**
 * Ctrl-C and signals while a run is shown. With a person there is a question, and nothing destroys by
 * one key; without one the first SIGINT cancels and the second kills. A run that is driven in this
 * process has nowhere to go on: its first signal stops it, to be resumed.
 */
import type { ExitStatus } from '../base/error-codes.ts';
import type { Host } from './host.ts';

/** What the person or the signal wants. */
export type Wish =
  | { readonly do: 'detach'; readonly exit: ExitStatus }
  | { readonly do: 'stop'; readonly exit: ExitStatus }
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
  /** The last line of the picture: the long words where they fit into so many columns. */
  footer(columns: number): string;
  /** Lets time pass: an unanswered question detaches. */
  tick(): void;
}

const ANSWER_MS = 5_000;
/** A blank before the footer, and one column that terminals keep for themselves. */
const FRAME_COLUMNS = 2;

/** The same in more and in fewer words; the last fits into 40 columns. */
function footerWords({
  ending,
  isAsking,
  isDriver,
}: {
  readonly ending: 'stop' | 'cancel' | undefined;
  readonly isAsking: boolean;
  readonly isDriver: boolean;
}): readonly string[] {
  if (ending !== undefined) {
    const [word, grace] = ending === 'stop' ? ['stopping', 5] : ['ending', 10];
    return [
      `${word}: leaves in flight have ${grace} s · Ctrl-C again kills`,
      `${word} · Ctrl-C again kills`,
    ];
  }
  if (isDriver) {
    return isAsking
      ? [
          'finished leaves stay — [s]top, to be resumed  [c]ancel  [Enter] go on',
          '[s]top  [c]ancel  [Enter] go on',
        ]
      : ['Ctrl-C: stop, cancel…'];
  }
  return isAsking
    ? [
        'run goes on in the background — [d]etach  [c]ancel  [Enter] stay',
        '[d]etach  [c]ancel  [Enter] stay',
      ]
    : [
        'q detach (the run goes on) · Ctrl-C: detach, cancel…',
        'q detach · Ctrl-C: detach, cancel…',
      ];
}

export function interrupts(host: Host, request: InterruptsRequest): Interrupts {
  const { isInteractive, isReader, isDriver, now, onWish } = request;
  let askedAt: number | undefined;
  let ending: 'stop' | 'cancel' | undefined;
  const ask = (): void => {
    if (askedAt === undefined && ending === undefined) askedAt = now();
    else if (ending !== undefined || isDriver) end('stop', 130);
    else onWish({ do: 'detach', exit: 0 });
  };
  /** The first time; any other kills. */
  const end = (how: 'stop' | 'cancel', exit: ExitStatus): void => {
    askedAt = undefined;
    onWish({ do: ending === undefined ? how : 'kill', exit });
    ending ??= how;
  };
  const onKey = (key: string): void => {
    if (key === '\x03') ask();
    else if (askedAt === undefined) {
      if (key === 'q' && !isDriver) onWish({ do: 'detach', exit: 0 });
    } else if (key === 'd' && !isDriver) onWish({ do: 'detach', exit: 0 });
    else if (key === 's' && isDriver) end('stop', 130);
    else if (key === 'c') end('cancel', 130);
    else if (key === '\r' || key === '\n' || key === '\x1b') askedAt = undefined;
  };
  const onSignal = (exit: ExitStatus): void => {
    if (isReader) onWish({ do: 'detach', exit });
    else end(isDriver ? 'stop' : 'cancel', exit);
  };
  const opened: Disposable[] = [
    ...(isInteractive ? [host.keys(onKey)] : []),
    host.onSignal('SIGINT', () => (isInteractive ? ask() : onSignal(130))),
    host.onSignal('SIGTERM', () => onSignal(143)),
    host.onSignal('SIGHUP', () => {
      if (isDriver) end('stop', 143);
      else onWish({ do: 'detach', exit: 143 });
    }),
  ];
  return {
    footer(columns) {
      const words = footerWords({ ending, isAsking: askedAt !== undefined, isDriver });
      return words.find((text) => text.length + FRAME_COLUMNS <= columns) ?? words.at(-1) ?? '';
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
