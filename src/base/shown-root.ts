/**
 * Where a tree stands for whoever works in it: the same in every run, on every machine. What processes
 * print is rewritten to it; the sandbox and the tools of agents take it for the tree.
 */
export const SHOWN_ROOT = '/workspace';
