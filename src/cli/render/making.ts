import type { Audience, SnapshotJob } from '../../contracts/index.js';

/** Who will see it, for people. */
export function audienceText(audience: Audience): string {
  if (audience.kind === 'owner') return 'the owner of the opportunity alone';
  if (audience.kind === 'unknown') return `all members of the engagement; who they are cannot be told: ${audience.why}`;
  const { members } = audience;
  const names = members.map(({ companyName, accountId }) =>
    companyName ? `${companyName} (${accountId})` : accountId,
  );
  return `${members.length} member${members.length === 1 ? '' : 's'}: ${names.join(', ')}`;
}

/** The same for `--json`. */
export function audienceReport(audience: Audience): Readonly<Record<string, unknown>> {
  if (audience.kind === 'unknown') return { seen_by: 'members', members: null, members_unknown: audience.why };
  if (audience.kind === 'owner') return { seen_by: 'owner' };
  return {
    seen_by: 'members',
    members: audience.members.map(({ accountId, companyName }) => ({
      account_id: accountId,
      company_name: companyName,
    })),
  };
}

/** A snapshot job for `--json`: the service's names in snake_case. */
export function jobReport({ id, arn, engagement, status, details }: SnapshotJob): Readonly<Record<string, unknown>> {
  return {
    id,
    arn,
    engagement_id: engagement,
    status,
    ...(details && {
      resource_id: details.resource,
      template: details.template,
      created_at: details.createdAt,
      last_successful_execution_date: details.lastSuccess,
      last_failure: details.lastFailure,
    }),
  };
}

/** The same for people, a line each. */
export function jobLines({ id, engagement, status, details }: SnapshotJob): string[] {
  if (!details) return [`${id}  ${status}  ${engagement}`];
  return [
    `${id}: ${status}`,
    `  makes         snapshots of ${details.resource} in ${engagement}, through ${details.template}`,
    `  created       ${details.createdAt}`,
    `  last success  ${details.lastSuccess ?? 'none yet'}`,
    `  last failure  ${details.lastFailure ?? 'none'}`,
  ];
}
