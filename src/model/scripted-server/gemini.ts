/** Google’s `generateContent`: the model and whether it streams stand in the path. */
import type { Json, JsonObject } from '../../base/json.ts';
import {
  type Dialect,
  type FullTurn,
  frame,
  objects,
  pieces,
  type ScriptedMessage,
  type ScriptedUsage,
  text,
  textOf,
} from './dialect.ts';

const PATH = /\/models\/([^/:]+):(generateContent|streamGenerateContent)$/;

export const gemini: Dialect = {
  name: 'gemini',
  answers: (path) => PATH.test(path),
  read(body, path) {
    const [, model = '', method = ''] = PATH.exec(path) ?? [];
    const config = body['generationConfig'] as JsonObject | undefined;
    const schema = config?.['responseJsonSchema'] ?? config?.['responseSchema'];
    return {
      model: decodeURIComponent(model),
      system: partsText(body['systemInstruction']),
      messages: objects(body['contents']).map(toMessage),
      tools: objects(body['tools'])
        .flatMap((tool) => objects(tool['functionDeclarations']))
        .map(({ name }) => text(name)),
      isStream: method === 'streamGenerateContent',
      ...(schema === undefined ? {} : { schema }),
    };
  },
  frames(turn) {
    const said = pieces(turn.text).map((piece) => answer(turn, [{ text: piece }]));
    const last = answer(turn, calls(turn), { finishReason: 'STOP' });
    return [...said, { ...last, usageMetadata: usageOf(turn.usage) }].map((one) => frame(one));
  },
  whole(turn) {
    const said = turn.text === '' ? [] : [{ text: turn.text }];
    const whole = answer(turn, [...said, ...calls(turn)], { finishReason: 'STOP' });
    return { ...whole, usageMetadata: usageOf(turn.usage) };
  },
};

const partsText = (content: Json | undefined): string =>
  textOf((content as JsonObject | undefined)?.['parts']);

function toMessage(content: JsonObject): ScriptedMessage {
  const results = objects(
    objects(content['parts']).flatMap(({ functionResponse: result = null }) => result),
  );
  if (results.length > 0) {
    const said = results.map(({ response }) => JSON.stringify(response ?? {}));
    return { role: 'tool', text: said.join('\n') };
  }
  return { role: content['role'] === 'model' ? 'assistant' : 'user', text: partsText(content) };
}

const calls = ({ toolCalls }: FullTurn): readonly JsonObject[] =>
  toolCalls.map(({ id, name, input }) => ({ functionCall: { id, name, args: input } }));

function answer(
  { id, model }: FullTurn,
  parts: readonly JsonObject[],
  end: JsonObject = {},
): JsonObject {
  const candidate = { index: 0, content: { role: 'model', parts }, ...end };
  return { responseId: id, modelVersion: model, candidates: [candidate] };
}

/** The prompt counts what caches had; thoughts are counted apart. */
function usageOf(usage: ScriptedUsage): JsonObject {
  const prompt = usage.uncached + usage.cacheRead + usage.cacheWrite;
  return {
    promptTokenCount: prompt,
    cachedContentTokenCount: usage.cacheRead,
    candidatesTokenCount: usage.output,
    thoughtsTokenCount: usage.reasoning,
    totalTokenCount: prompt + usage.output + usage.reasoning,
  };
}
