/** The thread of `compile-aside`: one compilation, one answer. */
import { workerData } from 'node:worker_threads';
import { compileWorkflow } from '../authoring/compile.ts';
import type { ThreadTask } from './compile-aside.ts';
import { readNeighbour } from './read-neighbour.ts';

const { input, done, port }: ThreadTask = workerData;
const { neighbourhood, ...rest } = input;
const sources = (path: string): string | undefined => readNeighbour(neighbourhood, path);
port.postMessage(compileWorkflow({ ...rest, sources }));
Atomics.store(done, 0, 1);
Atomics.notify(done, 0);
