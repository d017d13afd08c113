import { z } from 'zod';
import { SNAPSHOT_NAMES, SNAPSHOT_TEMPLATES } from '../contracts/index.js';
import type { Path } from './document.js';
import { suggest } from './issues.js';
import type { Problems } from './problems.js';
import type { SnapshotEntry, SnapshotsConfig } from './types.js';

const identifier = (name: keyof typeof SNAPSHOT_NAMES) => {
  const { pattern, expected } = SNAPSHOT_NAMES[name];
  return z.string({ error: expected }).regex(pattern, { error: expected });
};

const entryFields = z.strictObject({
  engagement: identifier('engagement').describe('The engagement whose members will see it: `eng-…`.'),
  resource: identifier('resource').describe('The opportunity: `O…`.'),
  template: z.enum(SNAPSHOT_TEMPLATES).describe('What of the opportunity is shown.'),
  connection: z
    .string()
    .optional()
    .describe('Which of the pipeline’s connections makes it. May be left out where only one can.'),
  client_token: identifier('clientToken')
    .optional()
    .describe('A name of your own for this one snapshot: it is then made once and never again.'),
  tags: z
    .never({ error: 'a snapshot takes no tags at AWS; a snapshot job does' })
    .optional()
    .describe('Not to be used: at AWS snapshot jobs take tags, snapshots do not.'),
});

/** `snapshots:` of a pipeline. */
export const snapshotsSchema = z.strictObject({
  create: z
    .array(entryFields)
    .min(1)
    .describe('Snapshots to make at each run, before reading, where the opportunity has changed since its newest one.'),
  max: z
    .int({ error: 'expected a whole number from 1' })
    .min(1, { error: 'expected a whole number from 1' })
    .default(20)
    .describe('At most so many are made in one run; the rest is left to the next.'),
});

/** Decides which connection makes each snapshot, and notes entries that no one or several could make. */
export function checkSnapshots(
  written: z.output<typeof snapshotsSchema>,
  connections: {
    /** Those of the pipeline. */
    readonly all: readonly string[];
    /** Those among them whose connector can make snapshots. */
    readonly makers: readonly string[];
  },
  at: (...path: Path) => Path,
  problems: Problems,
): SnapshotsConfig {
  const seen = new Map<string, number>();
  const create = written.create.flatMap((entry, i): SnapshotEntry[] => {
    const connection = makerOf(entry.connection, connections, at('snapshots', 'create', i), problems);
    if (connection === undefined) return [];
    const { engagement, resource, template, client_token: clientToken } = entry;
    const view = [connection, engagement, resource, template, clientToken].join(' ');
    const first = seen.get(view);
    if (first !== undefined) problems.add(at('snapshots', 'create', i), `the same as entry ${first + 1}`);
    else seen.set(view, i);
    return [{ connection, engagement, resource, template, ...(clientToken === undefined ? {} : { clientToken }) }];
  });
  return { create, max: written.max };
}

function makerOf(
  named: string | undefined,
  { all, makers }: { readonly all: readonly string[]; readonly makers: readonly string[] },
  path: Path,
  problems: Problems,
): string | undefined {
  if (named === undefined) {
    if (makers.length === 1) return makers[0];
    const text =
      makers.length === 0
        ? 'no connection of this pipeline can make snapshots; one of `partner-central` can'
        : `name its \`connection\`; ${makers.map((one) => `\`${one}\``).join(' and ')} can make it`;
    problems.add(path, text);
    return undefined;
  }
  if (makers.includes(named)) return named;
  const text = all.includes(named)
    ? `the connection \`${named}\` cannot make snapshots; ${suggest(named, makers)}`
    : `the pipeline has no connection \`${named}\`; ${suggest(named, makers)}`;
  problems.add([...path, 'connection'], text);
  return undefined;
}
