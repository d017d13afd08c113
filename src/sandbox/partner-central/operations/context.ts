import type { Clock } from '../../clock.js';
import type { ClientTokens } from '../client-tokens.js';
import { ServiceError } from '../errors.js';
import type { Identity } from '../identities.js';
import type { Item, Pager } from '../paging.js';
import type { OperationName } from '../requests.js';
import type { CatalogState } from '../state/catalog.js';
import type { Tags } from '../state/tags.js';

/** What an operation works with. */
export interface Context extends Identity {
  readonly operation: OperationName;
  /** As it came, held against its shape. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly state: CatalogState;
  readonly clock: Clock;
  readonly pager: Pager;
  readonly tokens: ClientTokens;
  readonly tags: Tags;
  readonly listsEveryRevision: boolean;
  readonly deniedMembers: boolean;
  /** Why the execution of a snapshot job that starts now is to fail, if it is. */
  readonly jobFailure: () => string | null;
}

/** Answers one call; null: with an empty body. */
export type Operation = (context: Context) => Record<string, unknown> | null;

/** A text member of the request, or undefined. */
export function textOf(context: Context, name: string): string | undefined {
  return (context.request[name] as string | null | undefined) ?? undefined;
}

/** A list member of the request; undefined where it is absent or empty, which filters nothing. */
export function listIn(context: Context, name: string): readonly string[] | undefined {
  const list = (context.request[name] as readonly string[] | null | undefined) ?? [];
  return list.length > 0 ? list : undefined;
}

/** A page of items under their member's name, with `NextToken`, null at the end. */
export function pageOf(
  context: Context,
  name: string,
  items: readonly Item[],
  most: number,
  descending = false,
): Record<string, unknown> {
  const { operation, account, request, pager } = context;
  const { items: page, next } = pager.page(
    items,
    { operation, accountId: account.accountId, request, descending },
    most,
  );
  return { [name]: page, NextToken: next };
}

/** Whether the request sorts backwards. */
export function isDescending(context: Context, usually: boolean): boolean {
  const sort = context.request.Sort as { SortOrder?: string } | null | undefined;
  return sort?.SortOrder === undefined ? usually : sort.SortOrder === 'DESCENDING';
}

/** Number of an engagement that the caller is in, from its id or ARN. @throws ServiceError ResourceNotFoundException. */
export function engagementIn({ state, owner }: Context, identifier: string): number {
  const number = state.world.engagementNumber(identifier.slice(identifier.lastIndexOf('/') + 1));
  if (number === undefined || !state.world.isMember(number, owner)) {
    throw notFound(`Engagement with identifier ${identifier} was not found`);
  }
  return number;
}

/** Number of an opportunity that the caller owns. @throws ServiceError ResourceNotFoundException. */
export function ownOpportunity({ state, owner }: Context, identifier: string): number {
  const number = state.world.opportunityNumber(identifier);
  if (number === undefined || state.world.ownerOfOpportunity(number) !== owner) {
    throw notFound(`Opportunity with identifier ${identifier} was not found`);
  }
  return number;
}

export const notFound = (message: string) => new ServiceError('ResourceNotFoundException', message);

/** What IAM says to those who may not. */
export function denied(accountId: string, operation: OperationName): ServiceError {
  const who = `arn:aws:iam::${accountId}:user/sandbox`;
  const action = `partnercentral:${operation}`;
  return new ServiceError(
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
    { Reason: null },
  );
}
