/** Gives every property the seed of the build; one that fails prints it with the path to the failure. */
import fc from 'fast-check';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of `build-seed.ts`. */
    readonly seed: number;
  }
}

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: inject('seed') });
