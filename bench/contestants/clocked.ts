/** Runs a Node contestant: reads its job, takes the time, prints what came of it. */
import fs from 'node:fs';
import { type Job, type JobResult, RESULT } from './job.js';

/** What the work itself says; time and memory are added. */
export type Told = Omit<JobResult, 'seconds' | 'cpuSeconds' | 'ownPeakMiB'>;

/**
 * @param prepare brings the job's folder to where the measured work begins.
 * @param work the measured work: everything is durable and closed when it resolves.
 */
export async function contest(
  prepare: (job: Job) => Promise<void>,
  work: (job: Job) => Promise<Told | (() => Told)>,
): Promise<void> {
  const job = JSON.parse(process.argv[2]!) as Job;
  if (job.action === 'prepare') {
    await prepare(job);
    console.log(`${RESULT}{}`);
    return;
  }
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const told = await work(job);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const ownPeakMiB = process.resourceUsage().maxRSS / 1024;
  const facts = typeof told === 'function' ? told() : told;
  const fileBytes = 'file' in facts.loaded ? fs.statSync(facts.loaded.file).size : undefined;
  const result: JobResult = { seconds, cpuSeconds: (user + system) / 1e6, ownPeakMiB, fileBytes, ...facts };
  console.log(`${RESULT}${JSON.stringify(result)}`);
}
