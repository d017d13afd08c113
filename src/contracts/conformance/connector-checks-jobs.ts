import assert from 'node:assert/strict';
import {
  askOf,
  assertJsonSafe,
  bytesOf,
  check,
  jobDatasets,
  makeJobs,
  trialCtx,
  untilReady,
} from './connector-trial.js';

/** The way of a job: made, told, polled, fetched. */
export const jobChecks = [
  check('every job that is made is told', async (bench) => {
    const ctx = trialCtx();
    for (const { dataset, fetch, drafts } of jobDatasets(bench)) {
      for (const draft of drafts) {
        const before = bench.jobsMade().length;
        const jobs = await makeJobs(fetch, askOf(dataset, draft), ctx);
        assert.deepEqual(
          jobs.map((job) => job.id).sort(),
          bench.jobsMade().slice(before).sort(),
          `${dataset.name}: jobs at the source and jobs told differ`,
        );
        for (const job of jobs) {
          assertJsonSafe(`${dataset.name}: a job`, job);
          assert.equal(new Date(job.asOf).toISOString(), job.asOf, `${dataset.name}: asOf is no instant`);
        }
        const parts = jobs.map((job) => job.part ?? '');
        assert.equal(new Set(parts).size, jobs.length, `${dataset.name}: two jobs of one part`);
      }
    }
  }),

  check('a job is made, polled and fetched', async (bench) => {
    const ctx = trialCtx();
    for (const { dataset, fetch, drafts } of jobDatasets(bench)) {
      const ask = askOf(dataset, drafts[0]!);
      for (const job of await makeJobs(fetch, ask, ctx)) {
        const ready = await untilReady(fetch, ask, job, ctx);
        const body = await fetch.download(ask, ready, ctx);
        const bytes = await bytesOf(body.stream);
        assert.ok(bytes.length > 0, `${dataset.name}: an empty file`);
        if (body.length !== undefined)
          assert.equal(bytes.length, body.length, `${dataset.name}: another length than promised`);
      }
    }
  }),

  check('a file can be fetched again, and by a job that only has its id', async (bench) => {
    const ctx = trialCtx();
    for (const { dataset, fetch, drafts } of jobDatasets(bench)) {
      const ask = askOf(dataset, drafts[0]!);
      const [job] = await makeJobs(fetch, ask, ctx);
      await untilReady(fetch, ask, job!, ctx);
      const first = await bytesOf((await fetch.download(ask, job!, ctx)).stream);
      const second = await bytesOf((await fetch.download(ask, job!, ctx)).stream);
      assert.deepEqual(second, first, `${dataset.name}: the second time it is another file`);
    }
  }),

  check('credentials never reach the host of files', async (bench) => {
    const ctx = trialCtx();
    for (const { dataset, fetch, drafts } of jobDatasets(bench)) {
      const ask = askOf(dataset, drafts[0]!);
      const [job] = await makeJobs(fetch, ask, ctx);
      await bytesOf((await fetch.download(ask, await untilReady(fetch, ask, job!, ctx), ctx)).stream);
    }
    for (const { url, headers } of bench.requests().filter((request) => request.download)) {
      assert.equal(headers.authorization, undefined, 'a file was fetched with Authorization');
      const sent = `${url} ${JSON.stringify(headers)}`;
      for (const secret of bench.secrets) assert.ok(!sent.includes(secret), 'a secret was sent to the host of files');
    }
  }),

  check(
    'an expired link is renewed, without a new job',
    async (bench) => {
      const ctx = trialCtx();
      for (const { dataset, fetch, drafts } of jobDatasets(bench)) {
        const ask = askOf(dataset, drafts[0]!);
        const [job] = await makeJobs(fetch, ask, ctx);
        const ready = await untilReady(fetch, ask, job!, ctx);
        const jobs = bench.jobsMade().length;
        bench.expireNextLink!();
        const body = await fetch.download(ask, ready, ctx).catch((error: unknown) => {
          assert.fail(`${dataset.name}: it gave up: ${String(error)}`);
        });
        assert.ok((await bytesOf(body.stream)).length > 0, `${dataset.name}: an empty file`);
        assert.equal(bench.jobsMade().length, jobs, `${dataset.name}: a new job for an expired link`);
      }
    },
    'expireNextLink',
  ),
];
