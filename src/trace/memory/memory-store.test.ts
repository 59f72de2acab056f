import { traceStoreSuite } from '../trace-store.suite.ts';
import { memoryStore } from './memory-store.ts';

traceStoreSuite('memory store', memoryStore);
