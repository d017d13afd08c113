import { describe, expect, it } from 'vitest';
import { asMillpondError, MillpondError, worstExit } from '../../src/base/errors.js';
import { Lane } from '../../src/base/limits.js';
import { backoffMs, retry } from '../../src/base/retry.js';

const quick = { tries: 4, firstMs: 1, maxMs: 4 };
const never = new AbortController().signal;

describe('retry', () => {
  it('goes on while the class is transient, and no longer than the policy says', async () => {
    let calls = 0;
    const flaky = () => {
      calls += 1;
      if (calls < 3) throw new MillpondError('E_SERVER', 'busy');
      return Promise.resolve('done');
    };
    expect(await retry(flaky, { signal: never, policy: quick })).toBe('done');
    calls = 0;
    const broken = async () => {
      calls += 1;
      throw new MillpondError('E_SERVER', 'busy');
    };
    await expect(retry(broken, { signal: never, policy: quick })).rejects.toMatchObject({ code: 'E_SERVER' });
    expect(calls).toBe(4);
  });
  it('ends at the first error of any other class', async () => {
    let calls = 0;
    const refused = async () => {
      calls += 1;
      throw new MillpondError('E_REQUEST_REJECTED', 'no');
    };
    await expect(retry(refused, { signal: never, policy: quick })).rejects.toMatchObject({
      code: 'E_REQUEST_REJECTED',
    });
    expect(calls).toBe(1);
  });
  it('waits at least as long as the source asked for', () => {
    expect(backoffMs(quick, 1, 42_000)).toBe(42_000);
    for (let n = 1; n < 9; n++) {
      const wait = backoffMs({ tries: 9, firstMs: 100, maxMs: 1000 }, n);
      expect(wait).toBeLessThanOrEqual(1000);
      expect(wait).toBeGreaterThanOrEqual(Math.min(1000, 100 * 2 ** (n - 1)) / 2);
    }
  });
  it('ends a wait when aborted', async () => {
    const abort = new AbortController();
    const waiting = retry(
      async () => {
        throw new MillpondError('E_THROTTLED', 'slow down', { retryAfterMs: 60_000 });
      },
      { signal: abort.signal, policy: quick },
    );
    setTimeout(() => abort.abort(), 20);
    await expect(waiting).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });
});

describe('a lane', () => {
  it('keeps its pace, and pauses for all when told to', async () => {
    const lane = new Lane({ perSecond: 100, concurrency: 5 });
    const starts: number[] = [];
    const began = performance.now();
    await Promise.all(
      Array.from({ length: 5 }, () => lane.run(async () => void starts.push(performance.now() - began), never)),
    );
    expect(starts.at(-1)).toBeGreaterThanOrEqual(35);
    lane.pause(80);
    const paused = performance.now();
    await lane.run(async () => {}, never);
    expect(performance.now() - paused).toBeGreaterThanOrEqual(75);
  });
});

describe('errors', () => {
  it('tell a full disk wherever it strikes', () => {
    expect(asMillpondError(Object.assign(new Error('write'), { code: 'ENOSPC' })).code).toBe('E_DISK_FULL');
    expect(asMillpondError(new Error('IO Error: Could not write: No space left on device')).code).toBe('E_DISK_FULL');
    expect(asMillpondError(Object.assign(new Error('mkdir'), { code: 'ENOTDIR' })).code).toBe('E_PATH_UNWRITABLE');
    expect(asMillpondError(new TypeError('x is not a function')).code).toBe('E_BUG');
  });
  it('end a command with the exit code that presses most', () => {
    expect(worstExit([0, 1, 75])).toBe(75);
    expect(worstExit([75, 2, 1])).toBe(2);
    expect(worstExit([2, 130])).toBe(130);
    expect(worstExit([])).toBe(0);
  });
});
