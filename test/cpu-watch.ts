/**
 * Begins to count the CPU time of this process, in ms: how much work something is does not depend on who
 * else is at work on the machine, as how long it takes does.
 */
export function cpuWatch(): () => number {
  const begun = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(begun);
    return (user + system) / 1_000;
  };
}
