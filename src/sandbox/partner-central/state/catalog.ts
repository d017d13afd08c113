import type { Clock } from '../../clock.js';
import { Timeline } from '../data/timeline.js';
import { type Owner, PartnerWorld, type WorldOptions } from '../data/world.js';
import { SANDBOX_AWS_ACCOUNTS } from '../identities.js';
import type { SnapshotMade } from '../types.js';
import { Opportunities } from './opportunities.js';
import { SnapshotJobs } from './snapshot-jobs.js';
import { Views } from './views.js';

/** Everything of one catalog: what was there at the start, and what has been done since. */
export class CatalogState {
  readonly world: PartnerWorld;
  readonly timeline: Timeline;
  readonly opportunities: Opportunities;
  readonly views: Views;
  readonly jobs: SnapshotJobs;
  /** Every revision made on demand. */
  readonly made: SnapshotMade[] = [];
  /** The role that snapshot jobs run as, by account; null where none is set. */
  readonly roles: [string | null, string | null];

  constructor(options: WorldOptions, clock: Clock, days: number, jobSeconds: number) {
    this.world = new PartnerWorld(options);
    this.timeline = new Timeline(this.world, clock.now(), days);
    this.opportunities = new Opportunities(this.world, this.timeline, clock);
    this.views = new Views(this.world, this.timeline, clock, this.opportunities);
    this.jobs = new SnapshotJobs(this.world, this.timeline, this.views, clock, jobSeconds);
    this.roles = [roleOf(0), roleOf(1)];
  }
}

const roleOf = (owner: Owner): string => roleArn(owner, 'service-role/SnapshotJobs');

/** ARN of a role in an account of the sandbox. */
export const roleArn = (owner: Owner, name: string): string =>
  `arn:aws:iam::${SANDBOX_AWS_ACCOUNTS[owner].accountId}:role/${name}`;
