import assert from 'node:assert/strict';
import { formatSliceKey } from '../index.js';
import { askOf, bytesOf, check, directDatasets, failure, NOTHING_HELD, trialCtx } from './connector-trial.js';

/** More calls than this for one read of a trial server are an endless loop. */
const ENDLESS = 200;

/** Direct reads: bodies as they come, and a word about whatever did not. */
export const directChecks = [
  check('a direct read accounts for every slice', async (bench) => {
    for (const { dataset, fetch, drafts } of directDatasets(bench)) {
      for (const draft of drafts) {
        const ask = askOf(dataset, draft);
        const found = new Set<string>();
        for await (const part of fetch.read(ask, NOTHING_HELD, trialCtx())) {
          assert.equal(new Date(part.asOf).toISOString(), part.asOf, `${dataset.name}: asOf is no instant`);
          if (part.body) {
            const bytes = await bytesOf(part.body.stream);
            assert.ok(part.slices.length > 0, `${dataset.name}: bytes of no slice`);
            assert.ok(
              part.body.length === undefined || bytes.length === part.body.length,
              `${dataset.name}: cut bytes`,
            );
          }
          const told = [...part.slices, ...[...part.gaps, ...(part.failures ?? [])].map(({ key }) => key)];
          for (const key of told) found.add(formatSliceKey(key));
        }
        const isList = dataset.slicing.kind === 'cursor';
        const expected = isList
          ? (bench.listed?.(dataset) ?? []).map((slice) => ({ ...ask.slices[0]!, slice }))
          : ask.slices;
        assert.deepEqual(
          [...found].sort(),
          expected.map(formatSliceKey).sort(),
          `${dataset.name}: a slice without a word`,
        );
      }
    }
  }),

  check('what has not changed reads the same, byte for byte', async (bench) => {
    for (const { dataset, fetch, drafts } of directDatasets(bench)) {
      const read = async () => {
        const bodies: string[] = [];
        for await (const { body } of fetch.read(askOf(dataset, drafts[0]!), NOTHING_HELD, trialCtx())) {
          if (body) bodies.push((await bytesOf(body.stream)).toString('hex'));
        }
        return bodies;
      };
      assert.deepEqual(await read(), await read(), `${dataset.name}: the same state in other bytes`);
    }
  }),

  check(
    'a page that repeats ends the read',
    async (bench) => {
      bench.repeatPages!();
      for (const { dataset, fetch, drafts } of directDatasets(bench)) {
        const read = async () => {
          const before = bench.requests().length;
          for await (const { body } of fetch.read(askOf(dataset, drafts[0]!), NOTHING_HELD, trialCtx())) {
            if (body) await bytesOf(body.stream);
            assert.ok(bench.requests().length - before < ENDLESS, `${dataset.name}: it reads on and on`);
          }
        };
        assert.equal((await failure(dataset.name, read(), 4000)).class, 'source');
      }
    },
    'repeatPages',
  ),
];
