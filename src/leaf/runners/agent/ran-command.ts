/** A command that really ran while an agent worked, whatever that says of it. */
export interface Verified {
  readonly command: string;
  readonly exitCode: number | null;
}

/** One that we ran ourselves, in order with changes of files. */
export interface RanCommand extends Verified {
  /** Files were changed after it: it says nothing about how they are now. */
  isStale: boolean;
}
