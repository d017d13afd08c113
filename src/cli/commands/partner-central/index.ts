import type { Command } from 'commander';
import { addJob } from './job.js';
import { addPolicy } from './policy.js';
import { addSnapshot } from './snapshot.js';

/** `millpond partner-central` */
export function addPartnerCentral(program: Command): void {
  const group = program
    .command('partner-central')
    .summary('make snapshots at AWS Partner Central')
    .description(
      'Makes snapshots and snapshot jobs at AWS Partner Central, and prints the IAM policy for what the configuration reads and makes. What writes says first what it will do and who will see it.',
    );
  addSnapshot(group);
  addJob(group);
  addPolicy(group);
}
