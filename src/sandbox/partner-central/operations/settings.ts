import { roleArn } from '../state/catalog.js';
import type { Tag } from '../state/tags.js';
import { type Context, notFound, type Operation, textOf } from './context.js';

export const getSellingSystemSettings: Operation = ({ state, owner }) => ({
  Catalog: state.world.catalog,
  ResourceSnapshotJobRoleArn: state.roles[owner],
});

/** Sets the role that snapshot jobs run as, by name or ARN; without one it is taken away. */
export const putSellingSystemSettings: Operation = (context) => {
  const identifier = textOf(context, 'ResourceSnapshotJobRoleIdentifier');
  const named = identifier?.startsWith('arn:') ? identifier : identifier && roleArn(context.owner, identifier);
  context.state.roles[context.owner] = named ?? null;
  return getSellingSystemSettings(context);
};

export const listTagsForResource: Operation = (context) => ({ Tags: context.tags.of(taggable(context)) });

export const tagResource: Operation = (context) => {
  context.tags.set(taggable(context), context.request.Tags as readonly Tag[]);
  return {};
};

export const untagResource: Operation = (context) => {
  context.tags.remove(taggable(context), context.request.TagKeys as readonly string[]);
  return {};
};

/** ARN of a job or an opportunity of the caller. @throws ServiceError ResourceNotFoundException. */
function taggable(context: Context): string {
  const arn = textOf(context, 'ResourceArn') as string;
  const { state, account, owner } = context;
  const [, accountId, catalog, what, id = ''] =
    /^arn:aws:partnercentral:us-east-1:(\d*):catalog\/(\w+)\/([^/]+)\/(\w[^/]*)$/.exec(arn) ?? [];
  const number = state.world.opportunityNumber(id);
  const there =
    what === 'opportunity'
      ? number !== undefined && state.world.ownerOfOpportunity(number) === owner
      : what === 'resource-snapshot-job' && state.jobs.get(id)?.owner === owner;
  if (accountId !== account.accountId || catalog !== state.world.catalog || !there) {
    throw notFound(`Resource ${arn} was not found`);
  }
  return arn;
}
