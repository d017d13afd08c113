import type { Clock } from '../../clock.js';
import { base36, jobId } from '../data/ids.js';
import type { Timeline } from '../data/timeline.js';
import { type Owner, type PartnerWorld, SUMMARY_VIEW, type View } from '../data/world.js';
import type { Views } from './views.js';

/** A snapshot job: while it runs, a change of what its template covers makes a revision. */
export interface SnapshotJob {
  readonly id: string;
  readonly owner: Owner;
  readonly engagement: number;
  readonly opportunity: number;
  readonly created: number;
  running: boolean;
  /** Epoch milliseconds of the last execution that went well. */
  succeeded: number | null;
  /** Why the last execution failed, in words; null where it did not. */
  failure: string | null;
  /** An execution that is under way: its end on the clock's monotonic scale, and how it ends. */
  due: { readonly at: number; readonly failure: string | null } | null;
}

/** The snapshot jobs of one catalog. */
export class SnapshotJobs {
  readonly #world: PartnerWorld;
  readonly #views: Views;
  readonly #clock: Clock;
  readonly #executionMs: number;
  readonly #jobs = new Map<string, SnapshotJob>();
  readonly #byView = new Map<string, SnapshotJob>();
  #count = 0;

  constructor(world: PartnerWorld, timeline: Timeline, views: Views, clock: Clock, jobSeconds: number) {
    this.#world = world;
    this.#views = views;
    this.#clock = clock;
    this.#executionMs = jobSeconds * 1000;
    views.tell({
      armed: (view) => this.#of(view)?.running ?? false,
      made: (view, at) => {
        const job = this.#of(view);
        if (job) job.succeeded = Math.max(job.succeeded ?? 0, at);
      },
      execute: (view) => {
        const job = this.#of(view);
        if (job) this.#endExecution(job);
      },
    });
    world.engagements.forEach((_, engagement) => {
      world.sharedIn(engagement).forEach((opportunity, place) => {
        // Of eight resources five are kept up to date, two no longer, and one never was.
        const turn = (engagement + place) % 8;
        if (turn === 6) return;
        this.#keep({
          id: jobId(world.seed, world.catalog, engagement, opportunity),
          owner: world.ownerOfOpportunity(opportunity),
          ...{ engagement, opportunity },
          created: timeline.past(opportunity, 'covered', 0) - 60_000,
          running: turn < 5,
          succeeded: turn === 7 ? null : timeline.past(opportunity, 'covered', timeline.standAtStart().covered) + 1500,
          failure: turn === 5 ? 'The opportunity could not be read: access denied.' : null,
          due: null,
        });
      });
    });
  }

  /** Jobs of an account, oldest first. */
  ownedBy(owner: Owner): SnapshotJob[] {
    return [...this.#jobs.values()].filter((job) => job.owner === owner);
  }

  get(id: string): SnapshotJob | undefined {
    const job = this.#jobs.get(id);
    if (job) this.#settle(job);
    return job;
  }

  /** The job behind a resource in an engagement, if there is one. */
  behind(engagement: number, opportunity: number): SnapshotJob | undefined {
    return this.#byView.get(`${engagement}/${opportunity}`);
  }

  /** Makes a job. It makes nothing until it is started. */
  create(owner: Owner, engagement: number, opportunity: number): SnapshotJob {
    const job: SnapshotJob = {
      id: `job-${base36(13, this.#world.seed, this.#world.catalog, 'made', ++this.#count)}`,
      ...{ owner, engagement, opportunity },
      created: this.#clock.now().getTime(),
      ...{ running: false, succeeded: null, failure: null, due: null },
    };
    this.#settle(job);
    this.#keep(job);
    return job;
  }

  /** Starts it, which executes it once; starting what runs changes nothing. */
  start(job: SnapshotJob, failure: string | null): void {
    if (job.running) return;
    this.#views.settle(this.#viewOf(job));
    job.running = true;
    job.due = { at: this.#clock.elapsed() + this.#executionMs, failure };
  }

  stop(job: SnapshotJob): void {
    this.#settle(job);
    job.running = false;
    job.due = null;
  }

  delete(job: SnapshotJob): void {
    this.#settle(job);
    this.#jobs.delete(job.id);
    this.#byView.delete(`${job.engagement}/${job.opportunity}`);
  }

  /** The opportunity has been changed by its partner: jobs that run make a revision, if their template shows it. */
  opportunityChanged(opportunity: number): void {
    for (const engagement of this.#world.engagements.keys()) {
      const job = this.behind(engagement, opportunity);
      if (job?.running && this.#views.makeIfChanged(this.#viewOf(job))) this.#succeed(job);
    }
  }

  #endExecution(job: SnapshotJob): void {
    if (!job.due || this.#clock.elapsed() < job.due.at) return;
    const { failure } = job.due;
    job.due = null;
    if (failure === null) this.#execute(job);
    else job.failure = failure;
  }

  #execute(job: SnapshotJob): void {
    this.#views.makeIfChanged(this.#viewOf(job));
    this.#succeed(job);
  }

  #succeed(job: SnapshotJob): void {
    job.succeeded = this.#clock.now().getTime();
    job.failure = null;
  }

  #settle(job: SnapshotJob): void {
    const view = this.#views.find(job.engagement, job.opportunity, SUMMARY_VIEW);
    if (view) this.#views.settle(view);
  }

  #viewOf(job: SnapshotJob): View {
    return this.#views.findOrBear(job.engagement, job.opportunity, job.owner);
  }

  #of(view: View): SnapshotJob | undefined {
    return view.template === SUMMARY_VIEW ? this.behind(view.engagement, view.opportunity) : undefined;
  }

  #keep(job: SnapshotJob): void {
    this.#jobs.set(job.id, job);
    this.#byView.set(`${job.engagement}/${job.opportunity}`, job);
  }
}
