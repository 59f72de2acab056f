/**
 * The demo’s script as a server of its own, for who configures it as a plain provider: `LOG`. Prints its
 * address; the model of each request is a line of the log. Ends with its stdin.
 */
import { appendFileSync } from 'node:fs';
import { playScenes } from '../../src/model/scripted-server/scenes.ts';
import { startScriptedServer } from '../../src/model/scripted-server/scripted-server.ts';
import { nodeTimers } from '../../src/system/node/node-clock.ts';
import { demoScenes } from '../../src/workbench/demo/demo-script.ts';

const [logFile = ''] = process.argv.slice(2);
const play = playScenes({ scenes: demoScenes, hint: 'none' });
const server = await startScriptedServer({
  timers: nodeTimers,
  script(request) {
    appendFileSync(logFile, `${request.model}\n`);
    return play(request);
  },
});
process.stdout.write(`${server.url}\n`);
process.stdin.on('close', () => process.exit(0)).resume();
