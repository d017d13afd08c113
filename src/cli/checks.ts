import fs from 'node:fs/promises';
import path from 'node:path';
import { asMillpondError } from '../base/errors.js';
import { temporaryName } from '../base/files.js';
import type { Config } from '../config/types.js';
import type { CheckLine, Ctx } from '../contracts/index.js';
import { catalogueOf, openSinks, openSource } from '../pipelines/index.js';
import { isNamed } from '../pipelines/owners.js';

/** A line of `check`; `warning` marks what works but should be known. */
export interface CheckResult extends CheckLine {
  readonly warning?: boolean;
}

/** What can be said without secret or network: the file holds together, and what was switched off. */
export function* checkOffline(config: Config): Generator<CheckResult> {
  const parts = [
    ['connection', config.connections],
    ['sink', config.sinks],
    ['pipeline', config.pipelines],
  ] as const;
  const counts = parts.map(([word, map]) => {
    const count = Object.keys(map).length;
    return `${count} ${word}${count === 1 ? '' : 's'}`;
  });
  yield { ok: true, what: 'configuration', detail: `${config.file}: ${counts.join(', ')}` };
  yield* retiredLines(config, () => true);
}

/** Everything a run will need: secrets, logins, profiles, sinks and landing folder. */
export async function* checkOnline(config: Config, ctx: Ctx): AsyncGenerator<CheckResult> {
  for (const connection of Object.keys(config.connections)) yield* checkConnection(config, connection, ctx);
  const sinks = openSinks(config, { sinks: Object.keys(config.sinks) }, ctx);
  for (const sink of sinks) {
    yield await attempt(`sink ${sink.name}`, async () => {
      await sink.check(ctx);
      return `${sink.kind}, ${sink.path}`;
    });
    await sink.close();
  }
  yield await attempt('landing', async () => {
    await probeFolder(config.landing.path);
    return `${config.landing.path} can be written`;
  });
}

async function* checkConnection(config: Config, connection: string, ctx: Ctx): AsyncGenerator<CheckResult> {
  let opened: Awaited<ReturnType<typeof openSource>>;
  try {
    opened = await openSource(config, connection);
  } catch (error) {
    yield failure(`${connection} secrets`, error);
    return;
  }
  const { source } = opened;
  try {
    for await (const line of source.check(ctx)) yield { ...line, what: `${connection} ${line.what}` };
    if (source.official) {
      for (const line of retiredLines(config, (name) => name === connection)) {
        yield { ...line, ok: false, warning: false, code: 'E_RETIRED' };
      }
    }
  } catch (error) {
    yield failure(connection, error);
  } finally {
    await source.close();
  }
}

/** One line for all datasets that share an end and a successor. */
function* retiredLines(config: Config, wanted: (connection: string) => boolean): Generator<CheckResult> {
  const groups = new Map<string, { names: Set<string>; detail: string; remedy: string }>();
  for (const pipeline of Object.values(config.pipelines)) {
    for (const connection of pipeline.connections.filter(wanted)) {
      for (const dataset of catalogueOf(config, connection)) {
        const { state } = dataset;
        if (state.kind !== 'retired' || !isNamed(pipeline, dataset)) continue;
        const detail = `switched off ${state.since === null ? 'by the source' : `on ${state.since}`}`;
        const key = `${detail}\0${state.successor}`;
        const group = groups.get(key) ?? { names: new Set(), detail, remedy: `Use ${state.successor} instead.` };
        group.names.add(dataset.name);
        groups.set(key, group);
      }
    }
  }
  for (const { names, detail, remedy } of groups.values()) {
    yield { ok: true, warning: true, what: 'retired', detail: `${[...names].join(', ')}: ${detail}`, remedy };
  }
}

async function attempt(what: string, work: () => Promise<string>): Promise<CheckResult> {
  try {
    return { ok: true, what, detail: await work() };
  } catch (error) {
    return failure(what, error);
  }
}

function failure(what: string, thrown: unknown): CheckResult {
  const error = asMillpondError(thrown);
  return { ok: false, what, detail: error.message, remedy: error.hint, code: error.code };
}

/** Writes and removes a small file. */
async function probeFolder(folder: string): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  const probe = temporaryName(path.join(folder, 'check'));
  await fs.writeFile(probe, '');
  await fs.rm(probe);
}
