/** What the tour asks the warehouse at its end. */
export interface Question {
  readonly text: string;
  readonly sql: string;
}

/** Opportunities that have moved on since their newest snapshot, and that no snapshot job looks after. */
export const OUTDATED = `SELECT s.engagement_id, s.resource_id, s.created_at AS newest_snapshot, o.last_modified_date
FROM latest_opportunity_snapshots s
JOIN opportunities o ON o.id = s.resource_id AND o.last_modified_date > s.created_at
ANTI JOIN (FROM resource_snapshot_jobs WHERE status = 'Running') j USING (engagement_id, resource_id)
ORDER BY ALL`;

/** @param days two days to compare a pipeline on. */
export function questions(days: { readonly before: string; readonly now: string }): readonly Question[] {
  return [
    {
      text: 'What did each product cost, per country and currency?',
      sql: `SELECT p.country_code, p.currency_code, r.product, count(*) AS rows, sum(r.cost) AS cost
FROM (SELECT _profile_id, 'Products' AS product, cost FROM sp_campaigns_report_v2
      UNION ALL SELECT _profile_id, 'Brands', cost FROM sb_campaigns_report_v2
      UNION ALL SELECT _profile_id, 'Display', cost FROM sd_campaigns_report_v2) r
JOIN profiles p ON p.profile_id = r._profile_id
GROUP BY ALL ORDER BY ALL`,
    },
    {
      text: 'Which campaigns sold most for what they cost?',
      sql: `SELECT c.name, sum(r.cost) AS cost, sum(r.attributed_sales_14d) AS sales
FROM sp_campaigns_report_v2 r JOIN sp_campaigns_snapshot c USING (_profile_id, campaign_id)
GROUP BY ALL HAVING sum(r.cost) > 0 ORDER BY sales DESC LIMIT 5`,
    },
    {
      text: `What did the partner's pipeline look like on ${days.before}, and what does it look like now?`,
      sql: `SELECT lifecycle.stage AS stage,
       count(DISTINCT resource_id) FILTER (WHERE time = 'then') AS opportunities_then,
       count(DISTINCT resource_id) FILTER (WHERE time = 'now') AS opportunities_now
FROM (SELECT 'then' AS time, * FROM pipeline_as_of(DATE '${days.before}')
      UNION ALL SELECT 'now', * FROM pipeline_as_of(DATE '${days.now}'))
GROUP BY ALL ORDER BY ALL`,
    },
    {
      text: 'How much is expected of it, per currency and frequency?',
      sql: `SELECT currency_code, frequency, count(DISTINCT resource_id) AS opportunities, sum(amount) AS amount
FROM (SELECT DISTINCT resource_id, position, target_company, currency_code, frequency, amount
      FROM opportunity_expected_spend WHERE is_latest)
GROUP BY ALL ORDER BY ALL`,
    },
    {
      text: 'How fresh is it, and what is held?',
      sql: 'SELECT dataset, count(*) AS slices, sum(rows) AS rows, max(as_of) AS as_of FROM slices GROUP BY ALL ORDER BY ALL',
    },
  ];
}
