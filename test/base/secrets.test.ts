import { expect, it } from 'vitest';
import { redact, redactDeep, registerSecret } from '../../src/base/secrets.js';

it('blots out a secret in every form in which it may leave', () => {
  const secret = 'Atzr|top/secret "quoted"+x';
  registerSecret(secret);
  const forms = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ refresh_token: secret }).toString(),
    JSON.stringify({ refresh_token: secret }),
    Buffer.from(secret).toString('base64'),
  ];
  for (const form of forms) {
    const text = redact(`before ${form} after`);
    expect(text).toContain('[redacted]');
    expect(text).not.toMatch(/top|Atzr/);
    expect(text.startsWith('before ')).toBe(true);
    expect(text.endsWith(' after')).toBe(true);
  }
  expect(redactDeep({ a: [{ b: `x${secret}` }], n: 1, z: null })).toEqual({ a: [{ b: 'x[redacted]' }], n: 1, z: null });
});

it('blots out what makes a presigned link work', () => {
  const link =
    'https://bucket.s3.amazonaws.com/k.json.gz?X-Amz-Credential=AKIA%2F1&X-Amz-Expires=30&X-Amz-Signature=abcdef';
  expect(redact(link)).toBe(
    'https://bucket.s3.amazonaws.com/k.json.gz?X-Amz-Credential=[redacted]&X-Amz-Expires=30&X-Amz-Signature=[redacted]',
  );
});

it('knows a login token by its look, whoever was given it', () => {
  expect(redact('as Atza|IwEB_x-9/z+q= and Atzr%7CIwEB, not')).toBe('as Atza|[redacted] and Atzr%7C[redacted], not');
});

it('leaves innocent words alone', () => {
  registerSecret('id');
  expect(redact('the id of a campaign')).toBe('the id of a campaign');
});
