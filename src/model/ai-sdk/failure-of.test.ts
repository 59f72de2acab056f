import { APICallError } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { failureOf } from './failure-of.ts';

const said = (responseBody: string): string => {
  const thrown = new APICallError({
    message: 'm',
    url: 'https://models.example/v1',
    requestBodyValues: {},
    statusCode: 400,
    responseBody,
  });
  return failureOf(thrown, 'lab', { secret: 'sk-1', now: 0 }).message;
};

test.each([
  ['{"error":{"type":"t","message":"no such model"}}', 'no such model'],
  ['{"type":"error","error":{"type":"t","message":"key sk-1 is none"}}', 'key [key] is none'],
  ['{"error":"overloaded"}', 'overloaded'],
  ['{"message":"too long"}', 'too long'],
  ['{"detail":[1]}', '{"detail":[1]}'],
  ['{"error":null}', '{"error":null}'],
  ['null', 'null'],
  ['<h1>Bad Gateway</h1>', '<h1>Bad Gateway</h1>'],
  ['', 'nothing'],
])('what a provider says to people is taken out of %j', (body, words) => {
  expect(said(body)).toBe(`lab answered 400: ${words}`);
});
