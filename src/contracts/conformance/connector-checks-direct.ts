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
          const bytes = await bytesOf(part.body.stream);
          if (part.slices.length > 0) assert.ok(bytes.length > 0, `${dataset.name}: slices without bytes`);
          if (part.body.length !== undefined) assert.equal(bytes.length, part.body.length);
          for (const key of [...part.slices, ...part.gaps.map((gap) => gap.key)]) found.add(formatSliceKey(key));
        }
        if (dataset.slicing.kind === 'cursor') continue;
        assert.deepEqual(
          [...found].sort(),
          ask.slices.map(formatSliceKey).sort(),
          `${dataset.name}: a slice without a word`,
        );
      }
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
            await bytesOf(body.stream);
            assert.ok(bench.requests().length - before < ENDLESS, `${dataset.name}: it reads on and on`);
          }
        };
        assert.equal((await failure(dataset.name, read())).class, 'source');
      }
    },
    'repeatPages',
  ),
];
