/**
 * A scripted model server as a process: `SCRIPT LOG`. The script is JSON: model → its turns, taken by how
 * often the model has spoken in the conversation, the last one again and again. Prints its address; each
 * request is a line of the log. Ends with its stdin.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import type { ScriptedTurn } from '../../src/model/scripted-server/dialect.ts';
import { startScriptedServer } from '../../src/model/scripted-server/scripted-server.ts';
import { nodeTimers } from '../../src/system/node/node-clock.ts';

const [scriptFile = '', logFile = ''] = process.argv.slice(2);

const server = await startScriptedServer({
  timers: nodeTimers,
  script({ model, dialect, messages, system, schema }) {
    appendFileSync(logFile, `${JSON.stringify({ model, dialect, messages, system, schema })}\n`);
    // Read anew, so that a test may change what the model says.
    const script = JSON.parse(readFileSync(scriptFile, 'utf8')) as Record<string, ScriptedTurn[]>;
    const turns = script[model] ?? [];
    const spoken = messages.filter(({ role }) => role === 'assistant').length;
    return turns[Math.min(spoken, turns.length - 1)] ?? { text: `nothing for ${model}` };
  },
});
process.stdout.write(`${server.url}\n`);
process.stdin.on('close', () => process.exit(0)).resume();
