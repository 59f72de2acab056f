/** Libraries of starlark-go that a host may predeclare. */
export { jsonModule } from './library/json.ts';
export { mathModule } from './library/math.ts';
export { structBuiltin } from './library/struct.ts';
