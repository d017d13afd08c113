import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { MillpondError } from '../../base/errors.js';
import type {
  Ask,
  AskDraft,
  Ctx,
  Dataset,
  DatasetRequest,
  DirectFetch,
  Held,
  Job,
  JobFetch,
  SliceKey,
} from '../index.js';
import type { ConnectorBench, ConnectorCheck } from './connector.js';

/** A dataset that is fetched in one of the two ways, and what is wanted of it. */
export interface Tried<Fetch> {
  readonly dataset: Dataset;
  readonly fetch: Fetch;
  readonly wanted: readonly SliceKey[];
  readonly request: DatasetRequest;
  readonly drafts: readonly AskDraft[];
}

/** A check from its name and body; `needs` names what a bench must be able to do, or it is passed over. */
export function check(
  name: string,
  body: (bench: ConnectorBench) => Promise<void>,
  needs?: 'expireNextLink' | 'repeatPages',
): ConnectorCheck {
  return {
    name,
    async run(open) {
      const bench = await open();
      try {
        if (needs && !bench[needs]) return;
        await body(bench);
      } finally {
        await bench.close();
      }
    },
  };
}

/** A context that gives up with `signal`. */
export function trialCtx(signal: AbortSignal = new AbortController().signal): Ctx {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return { signal, now: () => new Date(), log, budget: { memoryBytes: 512e6, threads: 2 } };
}

/** The datasets fetched by job that the bench has wishes for. */
export function jobDatasets(bench: ConnectorBench): Tried<JobFetch>[] {
  return tried(bench).flatMap((t) => (t.fetch.kind === 'job' ? [{ ...t, fetch: t.fetch }] : []));
}

/** The datasets fetched by direct reads that the bench has wishes for. */
export function directDatasets(bench: ConnectorBench): Tried<DirectFetch>[] {
  return tried(bench).flatMap((t) => (t.fetch.kind === 'direct' ? [{ ...t, fetch: t.fetch }] : []));
}

function tried(bench: ConnectorBench): Tried<JobFetch | DirectFetch>[] {
  return bench.source.datasets.flatMap((dataset) => {
    const wanted = bench.wants(dataset);
    if (wanted.length === 0) return [];
    const request = dataset.request({});
    return [{ dataset, fetch: dataset.fetch, wanted, request, drafts: dataset.fetch.coalesce(request, wanted) }];
  });
}

/** An ask made from a draft. */
export function askOf(dataset: Dataset, draft: AskDraft): Ask {
  const text = JSON.stringify(draft);
  return { connection: 'trial', dataset: dataset.name, ...draft, fingerprint: text, requestFingerprint: dataset.name };
}

/** Makes all jobs of an ask, as a run does. */
export async function makeJobs(fetch: JobFetch, ask: Ask, ctx: Ctx): Promise<Job[]> {
  const made: Job[] = [];
  for (let more = true; more; ) {
    assert.ok(made.length < 20, `${ask.dataset}: one ask takes more than 20 jobs`);
    const answer = await fetch.request(ask, { token: `trial-${made.length}`, made }, ctx);
    made.push(answer.job);
    more = answer.more;
  }
  return made;
}

/** Polls until the job is ready. */
export async function untilReady(fetch: JobFetch, ask: Ask, job: Job, ctx: Ctx): Promise<Job> {
  for (let tries = 0; tries < 500; tries++) {
    const found = await fetch.poll(ask, job, ctx);
    if (found.state === 'ready') return found.data ? { ...job, data: { ...job.data, ...found.data } } : job;
    assert.equal(found.state, 'pending', `${ask.dataset}: ${'reason' in found ? found.reason : ''}`);
    await sleep(20);
  }
  return assert.fail(`${ask.dataset}: job ${job.id} is never ready`);
}

/** A sink that holds nothing. */
export const NOTHING_HELD: Held = {
  has: async () => false,
  rows: async () => [],
  gaps: () => [],
  reload: false,
  wants: () => true,
};

/** The bytes of a body. */
export async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** The MillpondError that a call ends with. @throws AssertionError where it ends otherwise, or not within `ms`. */
export async function failure(what: string, call: Promise<unknown>, ms = 10_000): Promise<MillpondError> {
  const timer = new AbortController();
  const outcome = await Promise.race([
    call.then(
      () => assert.fail(`${what}: it should have failed`),
      (error: unknown) => error,
    ),
    sleep(ms, 'late', { signal: timer.signal }),
  ]).finally(() => timer.abort());
  assert.notEqual(outcome, 'late', `${what}: no end within ${ms} ms`);
  assert.ok(outcome instanceof MillpondError, `${what}: not a MillpondError but ${String(outcome)}`);
  return outcome;
}

/** Asserts that a value survives JSON: what the journal keeps must come back as it was. */
export function assertJsonSafe(what: string, value: unknown): void {
  assert.deepEqual(JSON.parse(JSON.stringify(value)), value, `${what} does not survive JSON`);
}
