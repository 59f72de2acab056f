/** Google’s `generateContent`, and its stream, whose events are whole answers with the next piece each. */
import type { Json, JsonObject } from '../../base/json.ts';
import { type AnswerSink, at, listOf, numberOf, textOf, type WireReader } from './wire-reader.ts';

export const geminiReader: WireReader = { event: read, whole: read };

function read(answer: JsonObject, sink: AnswerSink): void {
  const model = textOf(answer['modelVersion']);
  if (model !== '') sink.answeredBy(model);
  figures(answer['usageMetadata'], sink);
  const failure = answer['error'];
  if (failure !== undefined) {
    const message = textOf(at(failure, 'message')) || 'it gave up, and said no more';
    sink.fails({ code: textOf(at(failure, 'status')), message });
    return;
  }
  // It does not answer this, and says why: that is an answer for who asked.
  if (textOf(at(answer, 'promptFeedback', 'blockReason')) !== '') sink.done();
  for (const candidate of listOf(answer['candidates'])) {
    for (const part of listOf(at(candidate, 'content', 'parts'))) said(part, sink);
    const reason = textOf(candidate['finishReason']);
    if (reason !== '') sink.done(reason === 'MAX_TOKENS');
  }
}

/** A call comes whole; several of one name are told apart by their ids, where there are any. */
function said(part: JsonObject, sink: AnswerSink): void {
  const text = textOf(part['text']);
  if (part['thought'] === true) sink.hidden(text);
  else sink.text(text);
  const call = part['functionCall'];
  if (call === undefined) return;
  const [name, input] = [textOf(at(call, 'name')), JSON.stringify(at(call, 'args') ?? {})];
  const id = textOf(at(call, 'id'));
  sink.toolCall(id === '' ? `${name} ${input}` : id, { id, name, whole: input });
}

/** The prompt counts what caches had, but not what tools of the provider read; thoughts are counted apart. */
function figures(usage: Json | undefined, sink: AnswerSink): void {
  const prompt = numberOf(at(usage, 'promptTokenCount'));
  if (prompt === undefined) return;
  const count = (name: string): number => numberOf(at(usage, name)) ?? 0;
  const cacheRead = count('cachedContentTokenCount');
  sink.usage({
    uncached: prompt + count('toolUsePromptTokenCount') - cacheRead,
    cacheRead,
    output: count('candidatesTokenCount'),
    reasoning: count('thoughtsTokenCount'),
  });
}
