import {
  GetOpportunityCommand,
  PartnerCentralSellingClient,
  UpdateOpportunityCommand,
} from '@aws-sdk/client-partnercentral-selling';
import type { Ctx, Making, SnapshotWanted } from '../../src/contracts/index.js';
import type { Sandbox } from '../../src/sandbox/index.js';

// The SDK would write about the Node release on stderr.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const TEMPLATE = 'OpportunitySummaryView';

/** Views that the first account owns and may write to, with the newest revision of each. */
export function ownViews(sandbox: Sandbox): (SnapshotWanted & { readonly revisions: number })[] {
  const { accountId } = sandbox.partnerCentral.accounts[0];
  const { views, opportunities } = sandbox.partnerCentral.truth({ catalog: 'Sandbox', account: accountId });
  const own = new Set(opportunities.filter((one) => one.accountId === accountId).map(({ id }) => id));
  return views
    .filter(
      ({ template, resourceId, revisions }) => template === TEMPLATE && own.has(resourceId) && revisions.length > 0,
    )
    .map(({ engagementId, resourceId, template, revisions }) => ({
      engagement: engagementId,
      resource: resourceId,
      template,
      revisions: revisions.length,
    }));
}

/** Revisions that were made on demand of one view. */
export function madeOf(sandbox: Sandbox, { engagement, resource }: SnapshotWanted) {
  const { made } = sandbox.partnerCentral.truth();
  return made.filter((one) => one.engagementId === engagement && one.resourceId === resource);
}

/** A partner at its own desk: changes opportunities as it would by hand. */
export class Partner {
  readonly #client: PartnerCentralSellingClient;

  constructor(sandbox: Sandbox) {
    const { accessKeyId, secretAccessKey } = sandbox.partnerCentral.accounts[0];
    this.#client = new PartnerCentralSellingClient({
      region: 'us-east-1',
      endpoint: sandbox.partnerCentral.url,
      credentials: { accessKeyId, secretAccessKey },
    });
  }

  /** Changes what the template shows: the next steps. */
  async changes(resource: string, nextSteps: string): Promise<void> {
    const { LifeCycle } = await this.#get(resource);
    await this.#update(resource, { LifeCycle: { ...LifeCycle, NextSteps: nextSteps } });
  }

  /** Changes what no template shows. */
  async changesUnseen(resource: string, identifier: string): Promise<void> {
    await this.#update(resource, { PartnerOpportunityIdentifier: identifier });
  }

  #get(resource: string) {
    return this.#client.send(new GetOpportunityCommand({ Catalog: 'Sandbox', Identifier: resource }));
  }

  async #update(resource: string, members: object): Promise<void> {
    const { LastModifiedDate } = await this.#get(resource);
    await this.#client.send(
      new UpdateOpportunityCommand({ Catalog: 'Sandbox', Identifier: resource, LastModifiedDate, ...members }),
    );
  }
}

/** Takes a view's snapshot job away, so that only we make snapshots of it. */
export async function disarm({ jobs }: Making, { engagement, resource }: SnapshotWanted, ctx: Ctx): Promise<void> {
  for (const { id, status } of await jobs.list({ engagement }, ctx)) {
    if ((await jobs.get(id, ctx)).details?.resource !== resource) continue;
    if (status === 'Running') await jobs.stop(id, ctx);
    await jobs.delete(id, ctx);
  }
}

/** The keys of a connection to the sandbox's first account, as YAML. */
export function partnerYaml(sandbox: Sandbox, more = ''): string {
  const { accessKeyId, secretAccessKey } = sandbox.partnerCentral.accounts[0];
  return `{ connector: partner-central, catalog: Sandbox, endpoint: "${sandbox.partnerCentral.url}", access_key_id: ${accessKeyId}, secret_access_key: "${secretAccessKey}", limits: { reads_per_second: 500, writes_per_second: 500 }${more} }`;
}
