import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { registerSecret } from '../../src/base/secrets.js';
import { createLog, type LogOptions } from '../../src/cli/log.js';

/** A log and everything it has written. */
function open(options: Partial<LogOptions> & { readonly isTTY?: boolean } = {}) {
  const written: string[] = [];
  const stream = { write: (text: string) => written.push(text), isTTY: options.isTTY ?? false };
  return { log: createLog({ json: false, verbose: false, stream, ...options }), written };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('for people', () => {
  test('an entry is one plain line with its time, on the stream when the call returns', () => {
    vi.useFakeTimers({ now: new Date('2026-10-01T06:15:00Z') });
    const { log, written } = open();
    log.warn('the source is slow', { dataset: 'sp_campaigns', wait_ms: 1500 });
    expect(written).toEqual([
      '[2026-10-01T06:15:00Z] WARN: the source is slow {"dataset":"sp_campaigns","wait_ms":1500}\n',
    ]);
    log.error('no fields');
    expect(written[1]).toBe('[2026-10-01T06:15:00Z] ERROR: no fields\n');
  });

  test('a terminal gets colours and no time, unless NO_COLOR asks for none', () => {
    vi.stubEnv('NO_COLOR', '');
    const coloured = open({ isTTY: true });
    coloured.log.info('landed');
    expect(coloured.written[0]).toContain('\u001b[');
    expect(coloured.written[0]).not.toMatch(/\d{4}-\d{2}/);
    vi.stubEnv('NO_COLOR', '1');
    const plain = open({ isTTY: true });
    plain.log.info('landed');
    expect(plain.written).toEqual(['INFO: landed\n']);
  });

  test('text of others can neither break the line nor steer the terminal', () => {
    const { log, written } = open({ isTTY: true });
    vi.stubEnv('NO_COLOR', '1');
    log.info('one\r\n  two\u001b[2Jthree\n', { raw: 'a\nb\u001b[0m' });
    expect(written).toEqual(['INFO: one two [2Jthree {"raw":"a\\nb\\u001b[0m"}\n']);
  });
});

describe('as JSON', () => {
  test('an entry is one object with level, time, fields and message', () => {
    vi.useFakeTimers({ now: new Date('2026-10-01T06:15:00Z') });
    const { log, written } = open({ json: true });
    log.info('two\nlines', { rows: 3, ids: ['9007199254740993'] });
    expect(written.map((line) => JSON.parse(line))).toEqual([
      { level: 'info', time: '2026-10-01T06:15:00.000Z', rows: 3, ids: ['9007199254740993'], message: 'two\nlines' },
    ]);
    expect(written[0]!.match(/\n/g)).toHaveLength(1);
  });
});

test.each([true, false])('debug entries are written when asked for only (json: %s)', (json) => {
  const quiet = open({ json });
  quiet.log.debug('hidden');
  expect(quiet.written).toEqual([]);
  const verbose = open({ json, verbose: true });
  verbose.log.debug('shown');
  expect(verbose.written.join('')).toContain('shown');
});

test.each([true, false])('secrets and signatures are blotted out wherever they stand (json: %s)', (json) => {
  registerSecret('log-test-"secret"');
  const { log, written } = open({ json });
  log.error('token log-test-"secret" refused', {
    body: JSON.stringify({ token: 'log-test-"secret"' }),
    deep: [{ url: 'https://s3.test/a?X-Amz-Signature=abcdef0123' }],
  });
  const text = written.join('');
  expect(text).toContain('[redacted]');
  expect(text).not.toMatch(/log-test|abcdef0123/);
});

test('pino is loaded with the first entry, and no line is lost at exit', () => {
  const script = `
    const { createLog } = await import(${JSON.stringify(new URL('../../dist/cli/log.js', import.meta.url).href)});
    const { createRequire } = await import('node:module');
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => /node_modules.pino/.test(file));
    const log = createLog({ json: false, verbose: false });
    log.debug('not said');
    console.log('before', loaded());
    for (let i = 0; i < 5000; i++) log.info('line ' + i);
    console.log('after', loaded());
    process.exit(0);
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  expect(stdout).toBe('before false\nafter true\n');
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(5000);
  expect(lines.at(-1)).toMatch(/INFO: line 4999$/);
});
