import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Lane } from '../../src/base/limits.js';
import { Pace } from '../../src/base/pace.js';

const signal = new AbortController().signal;

describe('a lane', () => {
  it('starts again after every pause, however busy the process was when it was told to stop', async () => {
    const lane = new Lane({ perSecond: 1000, concurrency: 4 });
    for (let round = 0; round < 20; round++) {
      // A timer counts from the beginning of the turn, which is long over by now.
      const busyUntil = performance.now() + 6;
      while (performance.now() < busyUntil);
      const started = performance.now();
      lane.pause(2);
      lane.pause(5);
      lane.pause(1);
      await lane.run(async () => {}, signal);
      expect(performance.now() - started).toBeLessThan(1000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });

  it('keeps a process alive for what waits at the end of a pause, and only for that', async () => {
    const limits = path.resolve(import.meta.dirname, '../../dist/base/limits.js');
    const script = `
      import { Lane } from ${JSON.stringify(limits)};
      const lane = new Lane({ perSecond: 1000, concurrency: 1 });
      const signal = new AbortController().signal;
      lane.pause(50);
      await lane.run(async () => console.log('before'), signal);
      const late = lane.run(async () => {}, signal);
      lane.pause(50);
      await late;
      console.log('after');
      lane.pause(3_600_000);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data;
    });
    const [exit] = await once(child, 'close');
    expect({ exit, output }).toEqual({ exit: 0, output: 'before\nafter\n' });
  });
});

describe('a pace', () => {
  it('is kept by the clock, also where turns are shorter than timers are exact', async () => {
    const pace = new Pace({ perSecond: 400, concurrency: 50 });
    const started = performance.now();
    await Promise.all(Array.from({ length: 101 }, () => pace.run(async () => {}, signal)));
    const ms = performance.now() - started;
    expect(ms).toBeGreaterThan(245);
    expect(ms).toBeLessThan(1000);
  });

  it('falls once for a crowd that is refused together, and waits as long as it is told', async () => {
    const pace = new Pace({ perSecond: 100, concurrency: 8 });
    await pace.run(async () => {}, signal);
    for (let refused = 0; refused < 8; refused++) pace.slower(100);
    const started = performance.now();
    for (let call = 0; call < 8; call++) await pace.run(async () => {}, signal);
    const ms = performance.now() - started;
    expect(ms, 'a wait of 100 ms, then seven turns of 1000/70 ms').toBeGreaterThan(195);
    expect(ms).toBeLessThan(900);
  });

  it('an abort ends the wait for a turn', async () => {
    const pace = new Pace({ perSecond: 0.01, concurrency: 1 });
    await pace.run(async () => {}, signal);
    const stop = new AbortController();
    const waiting = pace.run(async () => {}, stop.signal);
    setTimeout(() => stop.abort(), 10);
    await expect(waiting).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });
});
