/** Runs one action after the other, in the order of the calls; a failed one doesn't hold up the next. */
export function createSerial(): <T>(action: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (action) => {
    const next = last.then(action, action);
    last = next.catch(() => {});
    return next;
  };
}
