import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SNAPSHOT_VIEWS } from '../../src/connectors/partner-central/views/index.js';

describe('views', () => {
  let sql: (query: string) => Promise<Record<string, unknown>[]>;
  let close: () => void;

  beforeAll(async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    close = () => {
      connection.closeSync();
      instance.closeSync();
    };
    sql = async (query) => (await connection.runAndReadAll(query)).getRowObjectsJson() as Record<string, unknown>[];
    const struct = `STRUCT(target_close_date DATE, review_status VARCHAR, stage VARCHAR, next_steps VARCHAR)`;
    const spend = `STRUCT(amount DECIMAL(33,2), currency_code VARCHAR, frequency VARCHAR, target_company VARCHAR, estimation_url VARCHAR)[]`;
    const project = `STRUCT(delivery_models VARCHAR[], expected_customer_spend ${spend},
      expected_contract_duration STRUCT(term VARCHAR, "value" VARCHAR), customer_use_case VARCHAR, sales_activities VARCHAR[], other_solution_description VARCHAR)`;
    const account = `STRUCT(industry VARCHAR, other_industry VARCHAR, company_name VARCHAR, website_url VARCHAR, aws_account_id VARCHAR,
      address STRUCT(city VARCHAR, postal_code VARCHAR, state_or_region VARCHAR, country_code VARCHAR, street_address VARCHAR), duns VARCHAR)`;
    const contacts =
      'STRUCT(email VARCHAR, first_name VARCHAR, last_name VARCHAR, business_title VARCHAR, phone VARCHAR)[]';
    const related = `STRUCT(aws_marketplace_offers VARCHAR[], aws_marketplace_offer_sets VARCHAR[], solutions VARCHAR[],
      aws_products VARCHAR[], aws_marketplace_solutions VARCHAR[], aws_marketplace_products VARCHAR[])`;
    await sql(`CREATE TABLE opportunity_summary_snapshots (_catalog VARCHAR, engagement_id VARCHAR, resource_id VARCHAR,
      revision BIGINT, created_at TIMESTAMPTZ, opportunity_type VARCHAR, lifecycle ${struct}, opportunity_team ${contacts},
      primary_needs_from_aws VARCHAR[], customer STRUCT(account ${account}, contacts ${contacts}), project ${project},
      related_entity_identifiers ${related})`);
    const row = (id: string, revision: number, at: string, stage: string, amount: string, company = 'AWS') =>
      sql(`INSERT INTO opportunity_summary_snapshots BY NAME SELECT 'AWS' AS _catalog, 'e' AS engagement_id, '${id}' AS resource_id,
        ${revision} AS revision, '${at}'::TIMESTAMPTZ AS created_at,
        {'target_close_date': DATE '2026-12-31', 'review_status': 'Approved', 'stage': '${stage}', 'next_steps': NULL} AS lifecycle,
        {'delivery_models': ['SaaS or PaaS'], 'expected_customer_spend': [
          {'amount': ${amount}::DECIMAL(33,2), 'currency_code': 'USD', 'frequency': 'Monthly', 'target_company': '${company}', 'estimation_url': NULL}],
          'expected_contract_duration': NULL, 'customer_use_case': NULL, 'sales_activities': NULL, 'other_solution_description': NULL} AS project`);
    await row('O1', 1, '2026-10-01T10:00:00Z', 'Qualified', '100.00');
    await row('O1', 2, '2026-10-31T23:59:59.999Z', 'Qualified', '1234567890123456789012345678901.25');
    await row('O1', 4, '2026-11-01T00:00:00Z', 'Launched', '1234567890123456789012345678901.25');
    await row('O2', 1, '2026-11-05T00:00:00Z', 'Prospect', '1.00');
    for (const { name, parameters, sql: text } of SNAPSHOT_VIEWS) {
      const as = text((table) => `main."${table}"`);
      await sql(
        parameters ? `CREATE MACRO ${name}(${parameters.join()}) AS TABLE ${as}` : `CREATE VIEW ${name} AS ${as}`,
      );
    }
  });
  afterAll(() => close());

  it('the newest of each', async () => {
    const rows = await sql('SELECT resource_id, revision FROM latest_opportunity_snapshots ORDER BY 1');
    expect(rows).toEqual([
      { resource_id: 'O1', revision: '4' },
      { resource_id: 'O2', revision: '1' },
    ]);
  });

  it('what moved, field by field, to the cent', async () => {
    const rows = await sql(
      'SELECT previous_revision, revision, field, old_value, new_value FROM opportunity_changes ORDER BY revision',
    );
    expect(rows).toMatchObject([
      { previous_revision: '1', revision: '2', field: 'project.expected_customer_spend' },
      {
        previous_revision: '2',
        revision: '4',
        field: 'lifecycle.stage',
        old_value: 'Qualified',
        new_value: 'Launched',
      },
    ]);
    expect(rows[0]!.new_value).toContain('1234567890123456789012345678901.25');
  });

  it('stages: entered and left', async () => {
    const rows = await sql(
      `SELECT resource_id, stage, previous_stage, revision, left_at IS NULL AS stays FROM opportunity_stage_history ORDER BY 1, revision`,
    );
    expect(rows).toEqual([
      { resource_id: 'O1', stage: 'Qualified', previous_stage: null, revision: '1', stays: false },
      { resource_id: 'O1', stage: 'Launched', previous_stage: 'Qualified', revision: '4', stays: true },
      { resource_id: 'O2', stage: 'Prospect', previous_stage: null, revision: '1', stays: true },
    ]);
  });

  it('a row for each spend, the newest marked', async () => {
    const rows = await sql(
      `SELECT resource_id, revision, is_latest, amount, currency_code, frequency FROM opportunity_expected_spend ORDER BY 1, 2`,
    );
    expect(rows.map(({ is_latest }) => is_latest)).toEqual([false, false, true, true]);
    expect(rows[2]).toMatchObject({
      amount: '1234567890123456789012345678901.25',
      currency_code: 'USD',
      frequency: 'Monthly',
    });
  });

  it('the pipeline at the end of a day, in UTC', async () => {
    const rows = await sql(`SELECT resource_id, revision FROM pipeline_as_of(DATE '2026-10-31')`);
    expect(rows).toEqual([{ resource_id: 'O1', revision: '2' }]);
    expect(await sql(`SELECT * FROM pipeline_as_of('2026-11-05')`)).toHaveLength(2);
  });
});
