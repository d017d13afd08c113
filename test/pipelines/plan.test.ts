import { describe, expect, it } from 'vitest';
import type { PipelineConfig } from '../../src/config/types.js';
import {
  formatSliceKey,
  type JournalEntry,
  type LedgerSlice,
  type Outcome,
  type SliceKey,
} from '../../src/contracts/index.js';
import { estimateSeconds, jobsToAskFor, makePlan, type Plan, type PlanInput } from '../../src/pipelines/plan.js';
import { selectDatasets } from '../../src/pipelines/select.js';
import { SinkHoldings } from '../../src/pipelines/sink-state.js';
import { testConnector } from '../support/test-connector.js';

const NOW = new Date('2026-11-04T12:00:00Z');
const PIPELINE: PipelineConfig = {
  name: 'daily',
  connections: ['c'],
  sinks: ['warehouse'],
  since: { kind: 'day', day: '2026-11-01' },
  until: undefined,
  lookback: { kind: 'auto' },
  schedule: undefined,
  schemaPolicy: 'evolve',
  maxRejects: { kind: 'share', share: 0.5 },
  shrink: { action: 'warn', share: 0.5 },
  datasets: [{ pattern: 'test_report', columns: undefined, filter: undefined, types: {} }],
};
const SCOPE = { id: '1', timezone: 'UTC', label: 'one', facts: {} };
const SELECTED = selectDatasets(PIPELINE, testConnector.datasets, []);
const REQUEST = SELECTED[0]!.requestFingerprint;

function plan(change: Partial<PlanInput> = {}): Plan {
  return makePlan({
    pipeline: PIPELINE,
    sources: [{ connection: 'c', schema: 's', identity: 'test', scopes: [SCOPE], selected: SELECTED }],
    sinks: [new SinkHoldings('a', [], [])],
    journal: [],
    foreign: new Set(),
    kept: { has: () => true, answers: () => undefined },
    filters: { scopes: [], slices: [] },
    reload: false,
    now: NOW,
    ...change,
  });
}

const key = (slice: string): SliceKey => ({ dataset: 'test_report', scope: '1', slice });

/** Held since yesterday noon, when November 1st was two days old. */
function held(slice: string, change: Partial<LedgerSlice> = {}): LedgerSlice {
  const artifact = {
    sha256: 's',
    contentSha256: 'c',
    path: 'p',
    bytes: 1,
    rows: 1,
    rejects: 0,
    asOf: '2026-11-03T12:00:00Z',
  };
  return {
    ...key(slice),
    schema: 's',
    rows: 1,
    rejects: 0,
    artifacts: [artifact],
    requestFingerprint: REQUEST,
    asOf: '2026-11-04T01:00:00Z',
    committedAt: '2026-11-04T01:00:00Z',
    runId: 'r',
    final: false,
    ...change,
  };
}

const outcome = (slice: string, change: Partial<Outcome>): Outcome => ({
  ...key(slice),
  schema: 's',
  outcome: 'failed',
  reason: 'failed',
  message: 'm',
  attempts: 1,
  since: '2026-11-03T00:00:00Z',
  runId: 'r',
  ...change,
});

const summary = (made: Plan) =>
  made.items.flatMap((item) =>
    item.slices.map((slice) => [item.action, formatSliceKey(slice.key), slice.reason].join(' ')),
  );

const ALL = ['2026-11-03', '2026-11-02', '2026-11-01'];

describe('what a plan costs', () => {
  const direct = SELECTED.map(({ dataset, ...selected }) => {
    const { coalesce } = dataset.fetch;
    return { ...selected, dataset: { ...dataset, fetch: { kind: 'direct', coalesce, async *read() {} } as const } };
  });

  it('counts jobs, and the wait for them', () => {
    const made = plan();
    expect(jobsToAskFor(made)).toBe(1);
    expect(estimateSeconds(made, 30_000)).toBeGreaterThan(60);
  });

  it('waits for nothing where a dataset is read directly', () => {
    const source = { connection: 'c', schema: 's', identity: 'test', scopes: [SCOPE], selected: direct };
    const made = plan({ sources: [source] });
    expect(made.items.map(({ action }) => action)).toEqual(['request']);
    expect(jobsToAskFor(made)).toBe(0);
    expect(estimateSeconds(made, 30_000)).toBe(1);
  });
});

describe('plan', () => {
  it('wants every day that is missing, newest first, in as few jobs as the source allows', () => {
    const made = plan();
    expect(summary(made)).toEqual(ALL.map((day) => `request test_report:1:${day} missing`));
    expect(made.items).toHaveLength(1);
  });

  it('wants nothing where everything is held and nothing due', () => {
    expect(
      plan({
        sinks: [
          new SinkHoldings(
            'a',
            ALL.map((day) => held(day)),
            [],
          ),
        ],
      }).items,
    ).toEqual([]);
  });

  it('wants again what was restated since it was asked for', () => {
    const old = held('2026-11-01', { asOf: '2026-11-02T12:00:00Z' });
    const state = new SinkHoldings('a', [held('2026-11-03'), held('2026-11-02'), old], []);
    expect(summary(plan({ sinks: [state] }))).toEqual(['request test_report:1:2026-11-01 stale']);
    expect(plan({ sinks: [state], pipeline: { ...PIPELINE, lookback: { kind: 'none' } } }).items).toEqual([]);
  });

  it('wants everything again under --reload', () => {
    const state = new SinkHoldings(
      'a',
      ALL.map((day) => held(day)),
      [],
    );
    expect(summary(plan({ sinks: [state], reload: true }))).toEqual(
      ALL.map((day) => `request test_report:1:${day} reload`),
    );
  });

  it('goes on with what is in the journal, whatever else became missing since', () => {
    const [{ ask }] = plan({ pipeline: { ...PIPELINE, until: '2026-11-02' } }).items as [Plan['items'][number]];
    const entry: JournalEntry = {
      id: ask.fingerprint,
      revision: 2,
      ask,
      owner: 'daily',
      askedAt: '2026-11-03T00:00:00Z',
      attempts: 0,
      state: { phase: 'asked', token: 't', jobs: [{ id: 'j', asOf: '2026-11-03T00:00:00Z' }] },
    };
    expect(summary(plan({ journal: [entry] }))).toEqual([
      'request test_report:1:2026-11-03 missing',
      'resume test_report:1:2026-11-02 pending',
      'resume test_report:1:2026-11-01 pending',
    ]);
    const joined = plan({ journal: [entry], foreign: new Set([entry.id]) });
    expect(summary(joined)).toContain('join test_report:1:2026-11-02 pending');
  });

  it('brings home what is on its way though nobody wants it any more', () => {
    const [{ ask }] = plan().items as [Plan['items'][number]];
    const entry: JournalEntry = {
      id: ask.fingerprint,
      revision: 1,
      ask,
      owner: 'daily',
      askedAt: '2026-11-03T00:00:00Z',
      attempts: 0,
      state: { phase: 'intent', token: 't', jobs: [] },
    };
    const later = { kind: 'day', day: '2026-11-04' } as const;
    const made = plan({ journal: [entry], pipeline: { ...PIPELINE, since: later } });
    expect(made.items.map(({ action }) => action)).toEqual(['resume']);
    expect(made.items[0]!.slices).toHaveLength(3);
  });

  it('fills a sink that was added later from artifacts that are kept, and asks where they are not', () => {
    const sinks = [
      new SinkHoldings(
        'a',
        ALL.map((day) => held(day)),
        [],
      ),
      new SinkHoldings('b', [], []),
    ];
    expect(new Set(plan({ sinks }).items.map(({ action }) => action))).toEqual(new Set(['fill']));
    expect(summary(plan({ sinks, kept: { has: () => false, answers: () => undefined } }))).toEqual(
      ALL.map((day) => `request test_report:1:${day} added_sink`),
    );
  });

  it('says what the source does not keep any more, once', () => {
    const pipeline = { ...PIPELINE, since: { kind: 'day', day: '2026-08-04' } } as const;
    const made = plan({
      pipeline,
      sinks: [new SinkHoldings('a', [], [outcome('2026-08-05', { outcome: 'skipped', reason: 'past_retention' })])],
    });
    expect(made.skipped.map((skip) => [skip.key.slice, skip.refusal.reason, skip.known])).toEqual([
      ['2026-08-05', 'past_retention', true],
      ['2026-08-04', 'past_retention', false],
    ]);
  });

  it('does not ask again what the source refused by a rule, until told to', () => {
    const told = outcome('2026-10-20', { outcome: 'skipped', reason: 'not_offered', message: 'no such tactic' });
    const sinks = [new SinkHoldings('a', [], [told])];
    expect(plan({ sinks }).skipped.map(({ key: { slice } }) => slice)).toEqual(ALL);
    expect(plan({ sinks, reload: true }).skipped).toEqual([]);
  });

  it('tries again what failed', () => {
    const sinks = [new SinkHoldings('a', [held('2026-11-03'), held('2026-11-01')], [outcome('2026-11-02', {})])];
    expect(summary(plan({ sinks }))).toEqual(['request test_report:1:2026-11-02 failed']);
  });

  it('makes the same ask whichever pipeline wants it and whatever else that loads', () => {
    const more = selectDatasets(
      { ...PIPELINE, datasets: [{ ...PIPELINE.datasets[0]!, pattern: '*' }] },
      testConnector.datasets,
      [],
    );
    const scopes = [SCOPE, { ...SCOPE, id: '2' }];
    const other = plan({
      pipeline: { ...PIPELINE, name: 'other' },
      sources: [{ connection: 'c', schema: 's', identity: 'test', scopes, selected: more }],
    });
    const fingerprints = other.items.map(({ ask }) => ask.fingerprint);
    expect(fingerprints).toContain(plan().items[0]!.ask.fingerprint);
  });

  it('counts what is held under another request, and reloads nothing for it', () => {
    const made = plan({
      sinks: [
        new SinkHoldings(
          'a',
          ALL.map((day) => held(day, { requestFingerprint: 'other' })),
          [],
        ),
      ],
    });
    expect(made.items).toEqual([]);
    expect(made.requestChanged).toHaveLength(3);
  });

  it('is narrowed by globs over scopes and slices', () => {
    expect(plan({ filters: { scopes: ['2*'], slices: [] } }).items).toEqual([]);
    expect(summary(plan({ filters: { scopes: [], slices: ['*:2026-11-02'] } }))).toEqual([
      'request test_report:1:2026-11-02 missing',
    ]);
  });

  it('is fair over scopes: the newest day of each before the day before', () => {
    const scopes = [SCOPE, { ...SCOPE, id: '2' }];
    const spaced = { ...PIPELINE, since: { kind: 'day', day: '2026-09-01' } } as const;
    const made = plan({
      pipeline: spaced,
      sources: [{ connection: 'c', schema: 's', identity: 't', scopes, selected: SELECTED }],
    });
    expect(made.items.map(({ ask }) => ask.slices[0]!.scope)).toEqual(['1', '2', '1', '2', '1', '2']);
  });
});

describe('selection', () => {
  const entry = (pattern: string) => ({ pattern, columns: undefined, filter: undefined, types: {} });
  const names = (...patterns: string[]) =>
    selectDatasets({ ...PIPELINE, datasets: patterns.map(entry) }, testConnector.datasets, []).map(
      ({ dataset }) => dataset.name,
    );

  it('takes names, globs and exclusions; the last match counts', () => {
    expect(names('test_*')).toEqual(['test_report', 'test_state', 'test_events']);
    expect(names('test_*', '!*_state')).toEqual(['test_report', 'test_events']);
    expect(names('test_*', '!test_*', 'test_state')).toEqual(['test_state']);
  });
  it('leaves names of another connection to it', () => {
    expect(names('of_another_connection', 'test_report')).toEqual(['test_report']);
  });
});
