import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFault } from '../../src/sandbox/faults.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { page, tableBelow } from './pages.js';

/** Words in backticks in a cell. */
const codes = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);

describe('docs/sandbox.md', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ profiles: 1, days: 3, rows: 5 });
  });
  afterAll(() => sandbox.close());

  it('lists every fault', () => {
    const listed = tableBelow(page('docs/sandbox.md'), '## Faults').flatMap(([kind]) => codes(kind));
    let message = '';
    try {
      parseFault({});
    } catch (error) {
      message = String(error);
    }
    const known = message.split('one of ')[1]?.split(', ');
    expect(listed.toSorted()).toEqual(known?.toSorted());
  });

  it('lists every page, and each answers', async () => {
    const listed = tableBelow(page('docs/sandbox.md'), '## Asking it').flatMap(([call]) => codes(call));
    const nowhere = await fetch(`${sandbox.apiUrl}/_sandbox/nowhere`);
    const { error } = (await nowhere.json()) as { error: string };
    expect(listed.toSorted()).toEqual(error.split('there are ')[1]?.split(', ').toSorted());

    const bodies: Readonly<Record<string, string>> = {
      'POST faults': '[{"kind": "429", "retryAfter": 2, "count": 3}, {"kind": "bad_crc", "count": 1}]',
      'POST advance': '{"days": 1}',
    };
    for (const call of listed) {
      const [method = '', name = ''] = call.split(' ');
      const body = bodies[call];
      const answer = await fetch(`${sandbox.apiUrl}/_sandbox/${name}`, { method, ...(body && { body }) });
      expect(answer.status, call).toBe(200);
      await answer.arrayBuffer();
    }
  });
});
