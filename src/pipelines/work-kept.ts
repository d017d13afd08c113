import { asMillpondError } from '../base/errors.js';
import { throwIfAborted } from '../base/retry.js';
import type { Artifact } from '../contracts/index.js';
import { commitSlices } from './commit-slices.js';
import type { WorkItem } from './plan.js';
import { keptArtifact, withStagesOf } from './stage-artifacts.js';
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

function commitKept(env: WorkEnv, item: WorkItem, artifacts: readonly Artifact[]): Promise<void> {
  const { selected } = item;
  const ask = artifacts[0]?.ask ?? item.ask;
  return withStagesOf(env, selected, artifacts, (stages) => commitSlices(env, { selected, ask, artifacts, stages }));
}
