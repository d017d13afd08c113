import { asMillpondError, type MillpondError } from '../../base/errors.js';
import type { CheckLine, Ctx } from '../../contracts/index.js';
import type { Answer, Input } from './caller.js';
import type { PartnerCentralClient } from './client.js';
import { iamAction, type OperationName, operationOf } from './operations.js';

/** A call that shows whether an operation is allowed. */
interface Probe {
  readonly operation: OperationName;
  /** Its input, from what earlier probes found; undefined where there is nothing to try it on. */
  readonly input: (seen: Seen) => Input | undefined;
}

/** Members of the first item of each list, by operation. */
type Seen = ReadonlyMap<OperationName, Readonly<Record<string, unknown>>>;

const always = (operation: OperationName, input: Input = {}): Probe => ({ operation, input: () => input });

/** A probe that needs something which a list showed. */
function of(
  operation: OperationName,
  list: OperationName,
  input: (item: Readonly<Record<string, unknown>>) => Input,
): Probe {
  return {
    operation,
    input: (seen) => {
      const item = seen.get(list);
      return item && input(item);
    },
  };
}

/** One for every operation that the datasets read with, lists first. */
const PROBES: readonly Probe[] = [
  always('ListEngagements'),
  always('ListEngagementResourceAssociations'),
  of('ListEngagementMembers', 'ListEngagements', ({ Id }) => ({ Identifier: Id })),
  of('ListResourceSnapshots', 'ListEngagementResourceAssociations', ({ EngagementId }) => ({
    EngagementIdentifier: EngagementId,
  })),
  of('GetResourceSnapshot', 'ListResourceSnapshots', ({ Arn, ...item }) => ({
    EngagementIdentifier: /\/engagement\/([^/]+)\//.exec(String(Arn))?.[1],
    ResourceType: item.ResourceType,
    ResourceIdentifier: item.ResourceId,
    ResourceSnapshotTemplateIdentifier: item.ResourceSnapshotTemplateName,
  })),
  always('ListResourceSnapshotJobs'),
  of('GetResourceSnapshotJob', 'ListResourceSnapshotJobs', ({ Id }) => ({ ResourceSnapshotJobIdentifier: Id })),
  always('ListEngagementInvitations', { ParticipantType: 'RECEIVER' }),
  always('ListOpportunities'),
  of('GetOpportunity', 'ListOpportunities', ({ Id }) => ({ Identifier: Id })),
  of('GetAwsOpportunitySummary', 'ListOpportunities', ({ Id }) => ({ RelatedOpportunityIdentifier: Id })),
];

/** What `millpond check` says of a connection: credentials, the catalog, then each permission. */
export async function* checkConnection(
  client: PartnerCentralClient,
  host: string,
  ctx: Ctx,
): AsyncGenerator<CheckLine> {
  try {
    yield { ok: true, what: 'credentials', detail: await client.login(ctx) };
  } catch (error) {
    yield notOk('credentials', asMillpondError(error));
    return;
  }
  const seen = new Map<OperationName, Readonly<Record<string, unknown>>>();
  let reached = false;
  for (const { operation, input } of PROBES) {
    const what = iamAction(operation);
    const wanted = input(seen);
    if (!wanted) {
      yield { ok: true, what, detail: 'not tried: there is nothing to try it on' };
      continue;
    }
    let error: MillpondError | undefined;
    try {
      const item = firstItem(operation, await client.call(operation, limited(operation, wanted), ctx));
      if (item) seen.set(operation, item);
    } catch (thrown) {
      error = asMillpondError(thrown);
    }
    const isOfOne = error?.code === 'E_ACCESS_DENIED' || error?.code === 'E_RESOURCE_NOT_FOUND';
    if (!reached) {
      if (error && !isOfOne) {
        yield notOk(`catalog ${client.catalog}`, error);
        return;
      }
      reached = true;
      yield { ok: true, what: `catalog ${client.catalog}`, detail: `answered by ${host}` };
    }
    if (error && error.code !== 'E_RESOURCE_NOT_FOUND') yield notOk(what, error);
    else yield { ok: true, what, detail: 'allowed' };
  }
}

function limited(operation: OperationName, input: Input): Input {
  return operationOf(operation).list ? { MaxResults: 1, ...input } : input;
}

function firstItem(operation: OperationName, { json }: Answer): Readonly<Record<string, unknown>> | undefined {
  const { list } = operationOf(operation);
  const items = list && json[list.items];
  return Array.isArray(items) ? (items[0] as Readonly<Record<string, unknown>> | undefined) : undefined;
}

function notOk(what: string, { message, hint, code }: MillpondError): CheckLine {
  return { ok: false, what, detail: message, remedy: hint, code };
}
