import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ctx } from '../index.js';
import type { ConnectorBench } from './connector.js';
import {
  askOf,
  check,
  directDatasets,
  failure,
  jobDatasets,
  makeJobs,
  NOTHING_HELD,
  trialCtx,
} from './connector-trial.js';

/** How long after an abort a call may still take: one that makes a job has a second's grace for its answer. */
const PROMPT_MS = 2450;

/** One call of each kind, ready to be made. Jobs must have been made before servers misbehave. */
async function callsOf(bench: ConnectorBench): Promise<{ what: string; call: (ctx: Ctx) => Promise<unknown> }[]> {
  const calls: { what: string; call: (ctx: Ctx) => Promise<unknown> }[] = [];
  if (!bench.scopesAreKnown) calls.push({ what: 'scopes', call: (ctx) => bench.source.scopes(ctx) });
  for (const { dataset, fetch, drafts } of jobDatasets(bench).slice(0, 2)) {
    const ask = askOf(dataset, drafts[0]!);
    const [job] = await makeJobs(fetch, ask, trialCtx());
    calls.push({ what: `${dataset.name}: request`, call: (ctx) => fetch.request(ask, { token: 't', made: [] }, ctx) });
    calls.push({ what: `${dataset.name}: poll`, call: (ctx) => fetch.poll(ask, job!, ctx) });
    calls.push({ what: `${dataset.name}: download`, call: (ctx) => fetch.download(ask, job!, ctx) });
  }
  for (const { dataset, fetch, drafts } of directDatasets(bench).slice(0, 1)) {
    const read = async (ctx: Ctx) => {
      for await (const { body } of fetch.read(askOf(dataset, drafts[0]!), NOTHING_HELD, ctx)) body?.stream.destroy();
    };
    calls.push({ what: `${dataset.name}: read`, call: read });
  }
  return calls;
}

/** What a source must do when it is told to stop, or when things go wrong. */
export const manners = [
  check('an abort ends every wait at once', async (bench) => {
    const calls = await callsOf(bench);
    bench.stall();
    for (const { what, call } of calls) {
      const controller = new AbortController();
      const ended = failure(what, call(trialCtx(controller.signal)), 50 + PROMPT_MS);
      await sleep(50);
      controller.abort();
      assert.equal((await ended).code, 'E_INTERRUPTED', what);
    }
  }),

  check('nothing is asked after an abort', async (bench) => {
    const calls = await callsOf(bench);
    const before = bench.requests().length;
    for (const { what, call } of calls) {
      assert.equal((await failure(what, call(trialCtx(AbortSignal.abort())))).code, 'E_INTERRUPTED', what);
    }
    assert.equal(bench.requests().length, before, 'a server was asked all the same');
  }),

  check('no secret stands in an error', async (bench) => {
    const calls = await callsOf(bench);
    bench.echo();
    for (const { what, call } of calls) {
      const error = await failure(what, call(trialCtx()));
      const said = `${error.message} ${error.hint} ${JSON.stringify(error.at)}`;
      for (const secret of bench.secrets) assert.ok(!said.includes(secret), `${what}: a secret stands in its error`);
    }
  }),
];
