import { hashOf } from '../../data/random.js';
import type { Catalog } from '../types.js';
import { engagementId, opportunityId } from './ids.js';

/** The templates of the service, and one that no documentation knows. */
export const SUMMARY_VIEW = 'OpportunitySummaryView';
export const AWS_VIEW = 'AwsOpportunitySummaryFullView';
export const UNKNOWN_VIEW = 'OpportunityForecastView';

export type Template = typeof SUMMARY_VIEW | typeof AWS_VIEW | typeof UNKNOWN_VIEW;

/** The first account, or the second. */
export type Owner = 0 | 1;

/** A resource as seen through a template in an engagement, with the revisions it had at the start. */
export interface View {
  readonly engagement: number;
  readonly opportunity: number;
  readonly template: Template;
  readonly owner: Owner;
  /** How many revisions it had when the sandbox started. */
  readonly history: number;
}

/** What the world is made from. */
export interface WorldOptions {
  readonly seed: number;
  readonly catalog: Catalog;
  readonly engagements: number;
  readonly opportunities: number;
  readonly snapshots: number;
  readonly quirks: boolean;
}

/**
 * What one catalog held when the sandbox started, computed from a few numbers: which engagements
 * there are, who is in them, what is shared there. Revisions are counted, not kept.
 *
 * The first account is in engagements 0 to n-1 with its opportunities; in a third of them the
 * second account is too, with an opportunity of its own. The second has a quarter more for itself.
 */
export class PartnerWorld {
  readonly seed: number;
  readonly catalog: Catalog;
  readonly quirks: boolean;
  /** Ids by number; the first account's come first. */
  readonly engagements: readonly string[];
  readonly opportunities: readonly string[];
  /** The greatest count of revisions that a view had at the start. */
  readonly mostRevisions: number;
  readonly #firstEngagements: number;
  readonly #firstOpportunities: number;
  readonly #engagementNumbers: ReadonlyMap<string, number>;
  readonly #opportunityNumbers: ReadonlyMap<string, number>;
  readonly #shared: readonly (readonly number[])[];
  readonly #within: readonly (readonly number[])[];
  /** Of each engagement: how many views the first account sees in those before it. */
  readonly #viewsBefore: Int32Array;
  readonly #views = new Map<number, readonly View[]>();
  readonly #revisions: { readonly each: number; readonly more: number };

  constructor(options: WorldOptions) {
    const { seed, catalog, engagements, opportunities } = options;
    this.seed = seed;
    this.catalog = catalog;
    this.quirks = options.quirks;
    this.#firstEngagements = engagements;
    this.#firstOpportunities = opportunities;
    const ownEngagements = Math.ceil(engagements / 4);
    const ownOpportunities = Math.ceil(opportunities / 4);
    this.engagements = numbers(engagements + ownEngagements).map((index) => engagementId(seed, catalog, index));
    this.opportunities = numbers(opportunities + ownOpportunities).map((index) => opportunityId(catalog, index));
    this.#engagementNumbers = new Map(this.engagements.map((id, index) => [id, index]));
    this.#opportunityNumbers = new Map(this.opportunities.map((id, index) => [id, index]));
    this.#shared = this.#share(ownOpportunities);
    const within: number[][] = this.opportunities.map(() => []);
    this.#shared.forEach((resources, index) => {
      for (const opportunity of resources) within[opportunity]?.push(index);
    });
    this.#within = within;
    this.#viewsBefore = new Int32Array(this.engagements.length + 1);
    for (let index = 0; index < this.engagements.length; index++) {
      const seen = index < engagements ? this.#outlines(index).filter((view) => this.#firstSees(view)).length : 0;
      this.#viewsBefore[index + 1] = (this.#viewsBefore[index] as number) + seen;
    }
    const views = Math.max(1, this.#viewsBefore[engagements] as number);
    this.#revisions = { each: Math.floor(options.snapshots / views), more: options.snapshots % views };
    this.mostRevisions = this.#revisions.each + (this.#revisions.more > 0 ? 1 : 0);
  }

  engagementNumber(id: string): number | undefined {
    return this.#engagementNumbers.get(id);
  }

  opportunityNumber(id: string): number | undefined {
    return this.#opportunityNumbers.get(id);
  }

  ownerOfOpportunity(opportunity: number): Owner {
    return opportunity < this.#firstOpportunities ? 0 : 1;
  }

  ownerOfEngagement(engagement: number): Owner {
    return engagement < this.#firstEngagements ? 0 : 1;
  }

  /** Whether an account of the sandbox is a member. */
  isMember(engagement: number, owner: Owner): boolean {
    return this.ownerOfEngagement(engagement) === owner || (owner === 1 && engagement % 3 === 1);
  }

  /** The opportunities that were shared in an engagement. */
  sharedIn(engagement: number): readonly number[] {
    return this.#shared[engagement] ?? [];
  }

  /** The engagements in which an opportunity was shared. */
  engagementsOf(opportunity: number): readonly number[] {
    return this.#within[opportunity] ?? [];
  }

  /** All views of an engagement, whoever may see them. */
  views(engagement: number): readonly View[] {
    const known = this.#views.get(engagement) ?? this.#makeViews(engagement);
    this.#views.set(engagement, known);
    return known;
  }

  /** Chance that belongs to one thing (and a purpose). */
  hash(...names: readonly (string | number)[]): number {
    return hashOf(this.seed, this.catalog, ...names);
  }

  #makeViews(engagement: number): View[] {
    let ordinal = this.#viewsBefore[engagement] as number;
    return this.#outlines(engagement).map((outline) => {
      const more = this.#firstSees(outline) ? ordinal++ < this.#revisions.more : false;
      return { ...outline, history: this.#revisions.each + (more ? 1 : 0) };
    });
  }

  #outlines(engagement: number): Omit<View, 'history'>[] {
    return this.sharedIn(engagement).flatMap((opportunity, place) => {
      const owner = this.ownerOfOpportunity(opportunity);
      const templates: Template[] = [SUMMARY_VIEW];
      if (opportunity % 2 === 0) templates.push(AWS_VIEW);
      if (this.quirks && place === 0 && engagement % 16 === 3) templates.push(UNKNOWN_VIEW);
      return templates.map((template) => ({ engagement, opportunity, template, owner }));
    });
  }

  #firstSees(view: Omit<View, 'history'>): boolean {
    return view.owner === 0 || (this.isMember(view.engagement, 0) && view.template !== AWS_VIEW);
  }

  #share(ownOpportunities: number): number[][] {
    const [engagements, opportunities] = [this.#firstEngagements, this.#firstOpportunities];
    const shared: number[][] = this.engagements.map(() => []);
    // The last engagement has nothing to show, where there are others that do.
    const used = this.quirks && engagements >= 4 ? engagements - 1 : engagements;
    for (let turn = 0; opportunities > 0 && turn < Math.max(used, opportunities); turn++) {
      shared[turn % used]?.push(turn % opportunities);
    }
    for (let index = 0; ownOpportunities > 0 && index < shared.length; index++) {
      if (index < used ? index % 3 === 1 : index >= engagements) {
        shared[index]?.push(opportunities + (index % ownOpportunities));
      }
    }
    return shared;
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
