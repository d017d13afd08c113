import fc from 'fast-check';
import { expect, it } from 'vitest';
import { registerSecret } from '../../src/base/secrets.js';
import { retryAfterMs, wordsOf } from '../../src/connectors/amazon-ads/answers.js';
import { arrayElements, idText, parseLossless } from '../../src/connectors/amazon-ads/lossless-json.js';

it('parses every JSON as JavaScript does, but for long integers', () => {
  expect(
    parseLossless(
      '{"a": 144170583660124565, "b": [-9223372036854775808, 12, 1.5e3], "c": "x 144170583660124565 \\" 1"}',
    ),
  ).toEqual({
    a: '144170583660124565',
    b: ['-9223372036854775808', 12, 1500],
    c: 'x 144170583660124565 " 1',
  });
  const small = fc.jsonValue({ maxDepth: 4 }).filter((value) => !/\d{16}/.test(JSON.stringify(value)));
  fc.assert(
    fc.property(small, (value) => {
      expect(parseLossless(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(() => parseLossless('<html>')).toThrow(SyntaxError);
});

it('cuts an array into its elements, each untouched', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 2), (values, indent) => {
      const elements = arrayElements(JSON.stringify(values, null, indent));
      expect(elements.map((element) => JSON.parse(element))).toEqual(JSON.parse(JSON.stringify(values)));
    }),
  );
  expect(arrayElements(' [ {"n": 1.500} , "a,]" ] ')).toEqual(['{"n": 1.500}', '"a,]"']);
  expect(() => arrayElements('{}')).toThrow(SyntaxError);
});

it('knows an id, and no rounded one', () => {
  expect([idText(161883766), idText('amzn1.x'), idText(2 ** 60), idText(null), idText('')]).toEqual([
    '161883766',
    'amzn1.x',
    undefined,
    undefined,
    undefined,
  ]);
});

it('reads Retry-After in seconds and as a date, by the clock of the server', () => {
  const now = new Date('2020-01-01T00:00:00Z');
  expect(retryAfterMs({ 'retry-after': '42' }, now)).toBe(42_000);
  const date = 'Mon, 02 Nov 2026 00:00:30 GMT';
  expect(retryAfterMs({ 'retry-after': date, date: 'Mon, 02 Nov 2026 00:00:00 GMT' }, now)).toBe(30_000);
  expect(retryAfterMs({ 'retry-after': date }, new Date('2026-11-02T00:00:10Z'))).toBe(20_000);
  expect(retryAfterMs({ 'retry-after': 'soon' }, now)).toBeUndefined();
  expect(retryAfterMs({}, now)).toBeUndefined();
});

it('says what a refusal says, whatever it is made of, without secrets', () => {
  registerSecret('Atza|json-test-secret');
  const words = (text: string) => wordsOf({ status: 400, headers: {}, text });
  expect(words('{"code":"400","details":"Unsupported metric bidPlus"}')).toBe('Unsupported metric bidPlus');
  expect(words('{"code":"425","detail":"duplicate"}')).toBe('duplicate');
  expect(words('<html><head><style>b{}</style></head><body><h1>429 Too Many</h1> openresty</body></html>')).toBe(
    '429 Too Many openresty',
  );
  expect(words('')).toBe('an empty answer');
  expect(words('token Atza|json-test-secret is bad')).toBe('token [redacted] is bad');
  expect(words('x'.repeat(9999)).length).toBeLessThan(300);
});
