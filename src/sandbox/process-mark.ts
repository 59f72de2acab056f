/**
 * How the processes of one leaf are told from all others, by whoever comes after their driver: a variable
 * in the environment of each, which children inherit whatever group or session they move to.
 */

export const MARK_VARIABLE = 'WHALEFLOW_LEAF';

/** Of one attempt; each process that it starts gets a number of its own. */
export interface ProcessMark {
  /** `RUN/path#attempt`, for people and scripts. */
  readonly leaf: string;
  /** Of its driver, without spaces and dots; no other driver has the same. */
  readonly driver: string;
}

/** A process that leads a group of its own. */
export interface StartedProcess {
  readonly pid: number;
  /** Tells it from a later process with the same id; only the sandbox that started it reads this. */
  readonly start: string;
}

/** What drivers that are dead may have left, or an attempt that is over. */
export interface Leftovers {
  readonly drivers: ReadonlySet<string>;
  /** Of this attempt alone, as marks name it. */
  readonly leaf?: string;
  readonly processes: readonly StartedProcess[];
}

/** The value of the variable. */
export function markText({ leaf, driver }: ProcessMark, number: number): string {
  return `${leaf} ${driver}.${number}`;
}

/** Whether a value of the variable is that of one of them. */
export function isMarkOf(text: string, { drivers, leaf }: Leftovers): boolean {
  const isOfLeaf = leaf === undefined || text.slice(0, text.lastIndexOf(' ')) === leaf;
  return isOfLeaf && drivers.has(driverOfMark(text) ?? '');
}

/** The driver in a value of the variable; undefined where it is none of ours. */
function driverOfMark(text: string): string | undefined {
  return / ([^ .]+)\.\d+$/.exec(text)?.[1];
}
