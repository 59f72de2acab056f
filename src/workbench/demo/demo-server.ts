/**
 * The server behind the provider `demo`: it lives in the process that drives a run, on a loopback port of
 * its own, from the first call to the end of the driver. So a run that is resumed, forked or driven on by
 * another process finds its models wherever it goes on, and its record names no address.
 */

import { playScenes } from '../../model/scripted-server/scenes.ts';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../../model/scripted-server/scripted-server.ts';
import type { Timers } from '../../system/clock.ts';
import { demoScenes } from './demo-script.ts';

const HINT = 'the demo’s models know its own questions only, others are for --model PROVIDER:MODEL';

/** Listens on 127.0.0.1 until it is closed. Rejects where there is no loopback. */
export function startDemoServer(timers: Timers): Promise<ScriptedServer> {
  const script = playScenes({ scenes: demoScenes, hint: HINT });
  return startScriptedServer({ timers, script });
}
