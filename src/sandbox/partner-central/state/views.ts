import type { Clock } from '../../clock.js';
import { covers, type OpportunityState, payloadOf } from '../data/payloads.js';
import type { Timeline } from '../data/timeline.js';
import { AWS_VIEW, type Owner, type PartnerWorld, SUMMARY_VIEW, type View } from '../data/world.js';
import { sameContent } from '../wire.js';
import type { Opportunities } from './opportunities.js';

/** A revision of a view: when it came, and what the opportunity was then. */
export interface Revision {
  readonly revision: number;
  readonly at: number;
  readonly state: OpportunityState;
}

interface Live {
  /** Revisions that came after the start. */
  readonly added: Revision[];
  /** How many changes since the start have been looked at. */
  settled: number;
}

/** Who makes revisions of a view by itself, if anybody does. */
export interface Makers {
  /** Whether a running snapshot job stands behind this view. */
  armed(view: View): boolean;
  /** A job has just made a revision of it. */
  made(view: View, at: number): void;
  /** Ends the execution that is due by now, if one is. */
  execute(view: View): void;
}

/** A revision that stands in lists and cannot be had. */
const GONE = { engagement: 1, revision: 2 };

/**
 * The revisions of every view. Those of before the start are computed when somebody looks; those
 * of later are added when somebody looks, in the order and with the moments they came.
 */
export class Views {
  readonly #world: PartnerWorld;
  readonly #timeline: Timeline;
  readonly #clock: Clock;
  readonly #opportunities: Opportunities;
  readonly #live = new Map<string, Live>();
  /** Views that came into being after the start, by engagement. */
  readonly #born = new Map<number, View[]>();
  #makers: Makers = { armed: () => false, made: () => {}, execute: () => {} };

  constructor(world: PartnerWorld, timeline: Timeline, clock: Clock, opportunities: Opportunities) {
    this.#world = world;
    this.#timeline = timeline;
    this.#clock = clock;
    this.#opportunities = opportunities;
  }

  /** Snapshot jobs and views know each other. */
  tell(makers: Makers): void {
    this.#makers = makers;
  }

  /** All views of an engagement that have a revision, whoever may see them. */
  of(engagement: number): readonly View[] {
    return this.#all(engagement).filter((view) => this.count(view) > 0);
  }

  /** A view by its names, also one without revisions. */
  find(engagement: number, opportunity: number, template: string): View | undefined {
    return this.#all(engagement).find((view) => view.opportunity === opportunity && view.template === template);
  }

  /** The same, made where it was not there: a resource is shared for the first time. */
  findOrBear(engagement: number, opportunity: number, owner: Owner): View {
    const found = this.find(engagement, opportunity, SUMMARY_VIEW);
    if (found) return found;
    const view: View = { engagement, opportunity, template: SUMMARY_VIEW, owner, history: 0 };
    this.#born.set(engagement, [...(this.#born.get(engagement) ?? []), view]);
    this.#liveOf(view).settled = this.#timeline.changes(opportunity, this.#clock.now().getTime());
    return view;
  }

  /** Summaries are shared with all members; what AWS makes is the opportunity's owner's alone. */
  visible(view: View, owner: Owner): boolean {
    return this.#world.isMember(view.engagement, owner) && (view.template !== AWS_VIEW || view.owner === owner);
  }

  /** How many revisions a view has by now; the newest has this number. */
  count(view: View): number {
    this.settle(view);
    return view.history + (this.#live.get(keyOf(view))?.added.length ?? 0);
  }

  /** One revision, gone ones too; undefined where the view has none of that number. */
  revision(view: View, revision: number): Revision | undefined {
    if (revision < 1 || revision > this.count(view)) return undefined;
    if (revision > view.history) return this.#live.get(keyOf(view))?.added[revision - view.history - 1];
    const { covered, other, aws } = this.#timeline.standAtStart();
    const kind = view.template === AWS_VIEW ? 'aws' : 'covered';
    const back = view.history - revision;
    return {
      revision,
      at: this.#timeline.past(view.opportunity, kind, (kind === 'aws' ? aws : covered) - back) + 1500,
      state: { stand: { covered: covered - back, other, aws: aws - back }, patch: null },
    };
  }

  /** Whether a revision is listed, but can no longer be had. */
  gone(view: View, revision: number): boolean {
    return (
      this.#world.quirks &&
      view.engagement === GONE.engagement &&
      view.opportunity === this.#world.sharedIn(view.engagement)[0] &&
      view.template === SUMMARY_VIEW &&
      revision === GONE.revision &&
      view.history > GONE.revision
    );
  }

  payload(view: View, revision: Revision): Record<string, unknown> {
    return payloadOf(this.#world, this.#timeline, view.opportunity, view.template, revision.state);
  }

  /** Makes a revision of the opportunity as it is now, changed or not. */
  make(view: View): Revision {
    const state = this.#opportunities.state(view.opportunity);
    return this.#add(view, this.#clock.now().getTime(), state);
  }

  /** The same, unless its newest revision says the same already. @returns whether it was made. */
  makeIfChanged(view: View): boolean {
    const state = this.#opportunities.state(view.opportunity);
    if (!this.#differs(view, state)) return false;
    this.#add(view, this.#clock.now().getTime(), state);
    return true;
  }

  /** Adds the revisions that came since somebody last looked. To be called before what makes them changes. */
  settle(view: View): void {
    this.#passTime(view);
    this.#makers.execute(view);
  }

  /** The same for all views of an opportunity. */
  settleAll(opportunity: number): void {
    for (const engagement of new Set([...this.#world.engagementsOf(opportunity), ...this.#born.keys()])) {
      for (const view of this.#all(engagement)) if (view.opportunity === opportunity) this.settle(view);
    }
  }

  #all(engagement: number): readonly View[] {
    const born = this.#born.get(engagement);
    const views = this.#world.views(engagement);
    return born ? [...views, ...born] : views;
  }

  #passTime(view: View): void {
    const now = this.#clock.now().getTime();
    const changes = this.#timeline.changes(view.opportunity, now);
    const settled = this.#live.get(keyOf(view))?.settled ?? 0;
    if (changes <= settled) return;
    const live = this.#liveOf(view);
    live.settled = changes;
    if (view.template !== AWS_VIEW && !this.#makers.armed(view)) return;
    for (let n = settled + 1; n <= changes; n++) {
      const change = this.#timeline.change(view.opportunity, n);
      if (!covers(view.template, change.kind)) continue;
      const state = { stand: change.stand, patch: this.#opportunities.patch(view.opportunity) };
      if (state.patch !== null && !this.#differs(view, state)) continue;
      const { at } = this.#add(view, change.at + 1500, state);
      if (view.template !== AWS_VIEW) this.#makers.made(view, at);
    }
  }

  #differs(view: View, state: OpportunityState): boolean {
    const count = view.history + this.#liveOf(view).added.length;
    const newest = count === 0 ? undefined : this.revision(view, count);
    if (newest === undefined) return true;
    const now = payloadOf(this.#world, this.#timeline, view.opportunity, view.template, state);
    return !sameContent(this.payload(view, newest), now);
  }

  #add(view: View, at: number, state: OpportunityState): Revision {
    const { added } = this.#liveOf(view);
    const revision = { revision: view.history + added.length + 1, at, state };
    added.push(revision);
    return revision;
  }

  #liveOf(view: View): Live {
    const key = keyOf(view);
    let live = this.#live.get(key);
    if (!live) {
      live = { added: [], settled: 0 };
      this.#live.set(key, live);
    }
    return live;
  }
}

const keyOf = (view: View): string => `${view.engagement}/${view.opportunity}/${view.template}`;
