import { asMillpondError } from '../base/errors.js';
import { throwIfAborted } from '../base/retry.js';
import type { Artifact } from '../contracts/index.js';
import { commitSlices } from './commit-slices.js';
import type { WorkItem } from './plan.js';
import { closeWriters, keptArtifact, rewrite, type Written } from './stage-artifacts.js';
import type { WorkEnv } from './work-env.js';

/** Fills a sink from artifacts that are kept: the source is not asked. */
export async function workFromKept(env: WorkEnv, item: WorkItem): Promise<void> {
  try {
    const artifacts = await Promise.all((item.artifacts ?? []).map((path) => keptArtifact(env, path)));
    await env.lanes.staging(() => commitKept(env, item, artifacts));
  } catch (error) {
    throwIfAborted(env.ctx.signal);
    env.report.failed(
      item.slices.map(({ key }) => key),
      asMillpondError(error),
    );
  }
}

async function commitKept(env: WorkEnv, item: WorkItem, artifacts: readonly Artifact[]): Promise<void> {
  const written: Written[] = [];
  try {
    for (const artifact of artifacts) written.push(await rewrite(env, item.selected, artifact));
    const stages = await closeWriters(env, item.ask.dataset, written);
    try {
      const ask = artifacts[0]?.ask ?? item.ask;
      await commitSlices(env, { selected: item.selected, ask, artifacts, stages });
    } finally {
      await Promise.all(stages.map((stage) => stage.discard()));
    }
  } finally {
    await Promise.all(written.map(({ writer }) => writer.abort()));
  }
}
