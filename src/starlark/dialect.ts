/** Which variants of the language a file may use. */
export interface Dialect {
  /** `for` and `if` outside functions. */
  readonly topLevelControl: boolean;
  /** A global may be bound more than once; needed by top-level loops. */
  readonly globalReassign: boolean;
  readonly while: boolean;
  readonly recursion: boolean;
  /** The `set` built-in. */
  readonly set: boolean;
  readonly fStrings: boolean;
  /** `load` makes exported globals instead of names local to the file. */
  readonly loadBindsGlobally: boolean;
  /** `assert` may not be used as a name. */
  readonly reserveAssert: boolean;
  /** A tab in the indentation counts to the next multiple of 8 columns. */
  readonly tabs: boolean;
}

/** WhaleFlow's own dialect. */
export const dialectDefault: Dialect = {
  topLevelControl: true,
  globalReassign: true,
  while: false,
  recursion: true,
  set: true,
  fStrings: true,
  loadBindsGlobally: false,
  reserveAssert: true,
  tabs: true,
};

/** The language as specified, without extensions. */
export const dialectSpec: Dialect = {
  topLevelControl: false,
  globalReassign: false,
  while: false,
  recursion: false,
  set: true,
  fStrings: false,
  loadBindsGlobally: false,
  reserveAssert: true,
  tabs: false,
};
