import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, dayIn } from '../../src/base/days.js';
import { MillpondError } from '../../src/base/errors.js';
import { parseLossless } from '../../src/connectors/amazon-ads/lossless-json.js';
import { DEFAULT_TUNING } from '../../src/connectors/amazon-ads/source.js';
import { bytesOf, NOTHING_HELD, untilReady } from '../../src/contracts/conformance/connector-trial.js';
import type { Dataset, JobFetch, Scope, Source } from '../../src/contracts/index.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { askFor, makeJobs, openTrial, trialCtx } from './amazon.js';

let sandbox: Sandbox;
let source: Source;
let scopes: readonly Scope[];

beforeAll(async () => {
  sandbox = await startSandbox({ jobSeconds: 0.02, rows: 20, days: 5 });
  const written = {
    client_id: sandbox.clientId,
    client_secret: sandbox.clientSecret,
    refresh_token: sandbox.refreshToken,
    region: 'na',
    endpoints: { api: sandbox.apiUrl, token: sandbox.tokenUrl },
    download_hosts: [sandbox.downloadHost],
    limits: { requests_per_second: 1000 },
  };
  // With the product's own patience: an answer given up as late on a busy machine is a job made twice.
  source = await openTrial(written, () => written, DEFAULT_TUNING);
  scopes = (await source.scopes(trialCtx())).scopes;
});
afterAll(async () => {
  await source?.close();
  await sandbox?.close();
});

type JobDataset = Dataset & { readonly fetch: JobFetch };
const jobDatasets = () => source.datasets.filter((d): d is JobDataset => d.fetch.kind === 'job');

/** Every slice of yesterday, or of today where it is current state. */
function slicesOf(dataset: Dataset, scope: Scope): string[] {
  const today = dayIn(scope.timezone, sandbox.now());
  if (dataset.slicing.kind !== 'day') return [today];
  const day = addDays(today, -1);
  return dataset.slicing.parts.length === 0 ? [day] : dataset.slicing.parts.map((part) => `${day}/${part}`);
}

/** The records of one slice, from the asking to the file, all its jobs together. */
async function fetchSlice(dataset: JobDataset, scope: Scope, slice: string): Promise<Record<string, unknown>[]> {
  const ctx = trialCtx();
  const ask = askFor(dataset, slice, {}, scope.id);
  const records: unknown[] = [];
  for (const job of await makeJobs(dataset, ask, ctx)) {
    const ready = await untilReady(dataset.fetch, ask, job, ctx);
    const body = await dataset.fetch.download(ask, ready, ctx);
    records.push(...(parseLossless(gunzipSync(await bytesOf(body.stream)).toString()) as unknown[]));
  }
  return records as Record<string, unknown>[];
}

describe('over the sandbox', () => {
  it('sees every profile', () => {
    expect(scopes.map((s) => s.id).sort()).toEqual(sandbox.profiles.map((p) => p.profileId).sort());
  });

  it('fetches every dataset, from the asking to the file', async () => {
    const seller = scopes.find((s) => s.facts.type === 'seller' && s.facts.country === 'US')!;
    expect(jobDatasets()).toHaveLength(38);
    await Promise.all(
      jobDatasets().map(async (dataset) => {
        const known = new Set(dataset.tables[0]!.columns.flatMap((c) => [c.source, ...(c.aliases ?? [])]));
        for (const slice of slicesOf(dataset, seller)) {
          const records = await fetchSlice(dataset, seller, slice);
          const truth = sandbox.truthFor(dataset.name, seller.id, slice);
          expect(records.length, `${dataset.name} ${slice}`).toBe(truth.rows);
          for (const record of records) {
            expect(
              Object.keys(record).filter((name) => !known.has(name)),
              dataset.name,
            ).toEqual([]);
          }
        }
      }),
    );
    expect(sandbox.stats()).toMatchObject({ credentialLeaks: 0, tokens: 1, refused: 0, duplicateJobs: 0 });
  });

  it('knows beforehand whom Amazon never serves, and understands the rest of its refusals', async () => {
    const refused: string[] = [];
    await Promise.all(
      scopes.flatMap((scope) =>
        jobDatasets().map(async (dataset) => {
          const rule = dataset.unavailable(scope);
          for (const slice of slicesOf(dataset, scope)) {
            const outcome = await dataset.fetch
              .request(askFor(dataset, slice, {}, scope.id), { token: 't', made: [] }, trialCtx())
              .then(
                () => 'served',
                (error: unknown) => (error instanceof MillpondError ? error.code : String(error)),
              );
            const where = `${dataset.name} ${slice} ${scope.label}`;
            if (rule) expect(['E_NOT_OFFERED', 'E_ACCESS_DENIED'], where).toContain(outcome);
            else expect(['served', 'E_NOT_OFFERED'], where).toContain(outcome);
            if (!rule && outcome !== 'served') refused.push(dataset.name);
          }
        }),
      ),
    );
    expect(
      refused.every((name) => name.startsWith('sd_')),
      'only tactics are refused without a rule that can be foreseen',
    ).toBe(true);
  });

  it('reads the profiles as a table', async () => {
    const dataset = source.datasets.find((d) => d.name === 'profiles')!;
    if (dataset.fetch.kind !== 'direct') throw new Error('profiles are read directly');
    const slices = scopes.map((s) => ({ dataset: 'profiles', scope: s.id, slice: '2026-11-02' }));
    const [draft] = dataset.fetch.coalesce(dataset.request({}), slices);
    const ask = { connection: 'sandbox', dataset: 'profiles', ...draft!, fingerprint: 'f', requestFingerprint: 'r' };
    for await (const { body, gaps } of dataset.fetch.read(ask, NOTHING_HELD, trialCtx())) {
      const records = parseLossless((await bytesOf(body!.stream)).toString()) as { profileId: string | number }[];
      expect(records.map((record) => String(record.profileId)).sort()).toEqual(
        sandbox.profiles.map((p) => p.profileId).sort(),
      );
      expect(gaps).toEqual([]);
    }
  });

  it('too old a day is past retention', async () => {
    const dataset = jobDatasets().find((d) => d.name === 'sp_campaigns_report_v2')!;
    const day = addDays(dayIn(scopes[0]!.timezone, sandbox.now()), -62);
    const ask = askFor(dataset, day, {}, scopes.find((s) => s.facts.type === 'seller')!.id);
    await expect(dataset.fetch.request(ask, { token: 't', made: [] }, trialCtx())).rejects.toMatchObject({
      code: 'E_PAST_RETENTION',
      class: 'refused',
    });
  });
});
