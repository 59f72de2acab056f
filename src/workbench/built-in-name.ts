/** Stands before the name of a workflow that comes with the program, where a path would be. */
export const BUILT_IN = 'built-in:';
