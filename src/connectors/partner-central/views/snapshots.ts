import type { View } from '../../../contracts/index.js';

/** The table that all these views read. */
export const SNAPSHOTS = 'opportunity_summary_snapshots';

/** What tells one opportunity, as seen in one engagement, from all others. */
export const ONE_OPPORTUNITY = '_catalog, engagement_id, resource_id';

const newest = (from: string, where = '') => `SELECT * FROM ${from}${where}
  QUALIFY row_number() OVER (PARTITION BY ${ONE_OPPORTUNITY} ORDER BY revision DESC) = 1`;

export const LATEST_SNAPSHOTS: View = {
  name: 'latest_opportunity_snapshots',
  reads: [SNAPSHOTS],
  sql: (from) => newest(from(SNAPSHOTS)),
  description: 'The newest snapshot of each opportunity in each engagement.',
};

/** The days of a pipeline begin and end in UTC, as the service's instants are. */
export const PIPELINE_AS_OF: View = {
  name: 'pipeline_as_of',
  reads: [SNAPSHOTS],
  parameters: ['day'],
  sql: (from) =>
    newest(
      from(SNAPSHOTS),
      ' WHERE epoch_us(created_at) < epoch_us(CAST(CAST(day AS DATE) AS TIMESTAMP)) + 86400000000',
    ),
  description: 'Each opportunity in each engagement as its newest snapshot showed it at the end of that day (UTC).',
};

export const STAGE_HISTORY: View = {
  name: 'opportunity_stage_history',
  reads: [SNAPSHOTS],
  sql: (from) => `WITH stages AS (
    SELECT ${ONE_OPPORTUNITY}, revision, created_at, lifecycle.stage AS stage,
      lag(lifecycle.stage) OVER by_revision AS previous_stage,
      row_number() OVER by_revision = 1 AS is_first
    FROM ${from(SNAPSHOTS)}
    WINDOW by_revision AS (PARTITION BY ${ONE_OPPORTUNITY} ORDER BY revision))
  SELECT ${ONE_OPPORTUNITY}, stage, previous_stage, revision, created_at AS entered_at,
    lead(created_at) OVER (PARTITION BY ${ONE_OPPORTUNITY} ORDER BY revision) AS left_at
  FROM stages WHERE is_first OR stage IS DISTINCT FROM previous_stage`,
  description: 'One row for each stage that an opportunity entered: when, from which, and until when.',
};

export const EXPECTED_SPEND_ROWS: View = {
  name: 'opportunity_expected_spend',
  reads: [SNAPSHOTS],
  sql: (from) => `WITH snapshots AS (
    SELECT ${ONE_OPPORTUNITY}, revision, created_at, project.expected_customer_spend AS spends,
      revision = max(revision) OVER (PARTITION BY ${ONE_OPPORTUNITY}) AS is_latest
    FROM ${from(SNAPSHOTS)}),
  spends AS (
    SELECT * EXCLUDE (spends), unnest(spends) AS spend, generate_subscripts(spends, 1) AS position FROM snapshots)
  SELECT ${ONE_OPPORTUNITY}, revision, created_at, is_latest, position, spend.amount AS amount,
    spend.currency_code AS currency_code, spend.frequency AS frequency, spend.target_company AS target_company,
    spend.estimation_url AS estimation_url
  FROM spends`,
  description: 'One row for each expected spend of each snapshot; `is_latest` marks those of the newest.',
};
