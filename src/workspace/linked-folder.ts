/** A folder that every tree has beside what git holds: to look at, never to write. */
export interface LinkedFolder {
  /** Repository path at which a tree has it. */
  readonly path: string;
  /** Absolute real path of the folder itself. */
  readonly target: string;
}

/** `mount`: trees have an empty folder there, over which each process gets the real one, read-only. */
export interface LinkedFolders {
  readonly folders: readonly LinkedFolder[];
  readonly as: 'mount' | 'symlink';
}
