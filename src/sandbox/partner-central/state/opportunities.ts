import type { Clock } from '../../clock.js';
import type { OpportunityContent } from '../data/opportunity.js';
import { contentOf, type OpportunityState, type Patch, patched } from '../data/payloads.js';
import type { Timeline } from '../data/timeline.js';
import type { PartnerWorld } from '../data/world.js';

interface Patched {
  readonly patch: Patch;
  readonly at: number;
}

/** Opportunities as they are now: what the world makes of them, and what their partner set. */
export class Opportunities {
  readonly #world: PartnerWorld;
  readonly #timeline: Timeline;
  readonly #clock: Clock;
  readonly #patched = new Map<number, Patched>();

  constructor(world: PartnerWorld, timeline: Timeline, clock: Clock) {
    this.#world = world;
    this.#timeline = timeline;
    this.#clock = clock;
  }

  state(opportunity: number): OpportunityState {
    const changes = this.#timeline.changes(opportunity, this.#clock.now().getTime());
    return { stand: this.#timeline.stand(opportunity, changes), patch: this.patch(opportunity) };
  }

  content(opportunity: number): OpportunityContent {
    return contentOf(this.#world, this.#timeline, opportunity, this.state(opportunity));
  }

  /** What its partner set, whole; null where nothing was. */
  patch(opportunity: number): Patch | null {
    return this.#patched.get(opportunity)?.patch ?? null;
  }

  /** Epoch milliseconds of the last change by its partner; what AWS changes does not count. */
  lastModified(opportunity: number): number {
    const timeline = this.#timeline;
    const now = this.#clock.now().getTime();
    const patched = this.#patched.get(opportunity)?.at ?? 0;
    for (let n = timeline.changes(opportunity, now); n > 0; n--) {
      const change = timeline.change(opportunity, n);
      if (change.kind !== 'aws') return Math.max(change.at, patched);
    }
    const { covered } = timeline.standAtStart();
    const past = Math.max(timeline.past(opportunity, 'covered', covered), timeline.pastOther(opportunity));
    return Math.max(past, patched);
  }

  created(opportunity: number): number {
    return this.#timeline.created(opportunity);
  }

  /** Its partner sets these members; the rest stays, and goes on changing by itself. */
  update(opportunity: number, members: Patch): void {
    // Always later than before, so that two updates within a millisecond can be told apart.
    const at = Math.max(this.#clock.now().getTime(), this.lastModified(opportunity) + 1);
    this.#patched.set(opportunity, { patch: patched(this.patch(opportunity) ?? {}, members), at });
  }
}
