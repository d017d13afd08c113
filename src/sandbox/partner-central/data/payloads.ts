import { awsSummary } from './aws-summary.js';
import { type OpportunityContent, opportunityContent, opportunityRelations } from './opportunity.js';
import type { Stand, Timeline } from './timeline.js';
import { AWS_VIEW, type PartnerWorld, SUMMARY_VIEW, type Template, UNKNOWN_VIEW } from './world.js';

/** What a partner set: members of an opportunity, and of objects only those that were given. */
export type Patch = Partial<OpportunityContent>;

/** What an opportunity is at a moment: how much it changed by itself, and what its partner set since. */
export interface OpportunityState {
  readonly stand: Stand;
  readonly patch: Patch | null;
}

/** One patch over another, or over an opportunity: objects are merged one level deep, all else is replaced. */
export function patched<T extends Patch>(base: T, patch: Patch): T {
  const merged = Object.entries(patch).map(([name, value]) => {
    const below = (base as Record<string, unknown>)[name];
    return [name, isObject(below) && isObject(value) ? { ...below, ...value } : value];
  });
  return { ...base, ...Object.fromEntries(merged) };
}

const isObject = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** An opportunity's members with what its partner set. */
export function contentOf(
  world: PartnerWorld,
  timeline: Timeline,
  opportunity: number,
  state: OpportunityState,
): OpportunityContent {
  return patched(opportunityContent(world, timeline, opportunity, state.stand), state.patch ?? {});
}

/** The payload of a snapshot: the union that GetResourceSnapshot answers. */
export function payloadOf(
  world: PartnerWorld,
  timeline: Timeline,
  opportunity: number,
  template: Template,
  state: OpportunityState,
): Record<string, unknown> {
  if (template === AWS_VIEW) return { [AWS_VIEW]: awsSummary(world, timeline, opportunity, state.stand) };
  const content = contentOf(world, timeline, opportunity, state);
  if (template === UNKNOWN_VIEW) return { [UNKNOWN_VIEW]: forecast(content) };
  return { OpportunitySummary: summary(world, opportunity, content) };
}

/** The union's member is named otherwise than its template, and `Lifecycle` otherwise than elsewhere. */
function summary(world: PartnerWorld, opportunity: number, content: OpportunityContent): Record<string, unknown> {
  const { Customer, LifeCycle, OpportunityType, PrimaryNeedsFromAws, Project } = content;
  // One in seven says something that is in no model yet.
  const news = world.quirks && opportunity % 7 === 3;
  return {
    Customer,
    Lifecycle: LifeCycle && {
      ...only(LifeCycle, ['NextSteps', 'ReviewStatus', 'Stage', 'TargetCloseDate']),
      ...(news && { Momentum: { Score: 0.75, Trend: 'Rising' } }),
    },
    ...opportunityRelations(opportunity),
    OpportunityType,
    PrimaryNeedsFromAws,
    Project:
      Project &&
      only(Project, [
        'CustomerUseCase',
        'DeliveryModels',
        'ExpectedContractDuration',
        'ExpectedCustomerSpend',
        'OtherSolutionDescription',
        'SalesActivities',
      ]),
    ...(news && { DealRegistrationId: `DR-${opportunity}` }),
  };
}

/** A payload of which only the sandbox knows the shape. */
function forecast(content: OpportunityContent): Record<string, unknown> {
  const { LifeCycle } = content;
  return { Category: 'Upside', Confidence: 0.4, ExpectedQuarter: '2027Q1', Stage: LifeCycle?.Stage ?? null };
}

function only(members: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, members[name] ?? null]));
}

/** Whether a change of this kind shows through a template. */
export function covers(template: Template, kind: 'covered' | 'other' | 'aws'): boolean {
  return template === SUMMARY_VIEW ? kind === 'covered' : template === AWS_VIEW && kind === 'aws';
}
