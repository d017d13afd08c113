import { validate as isCron } from 'node-cron';
import { z } from 'zod';
import { isDay, isTimezone } from '../base/days.js';
import { parseDuration, parseSize } from '../base/units.js';
import { snapshotsSchema } from './snapshots.js';

/**
 * What a user may write: the only truth about the configuration. The JSON Schema for editors,
 * `docs/configuration.md` and the messages about wrong keys all come from here. The part of a
 * connection that its connector decides is the connector's own schema (`Connector.config`).
 */

/** Names of connections, sinks and pipelines: they become parts of file names. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const named = z.string().regex(NAME, { error: 'a name has letters, digits, `_` and `-` only' });

const DURATION_TEXT = 'expected a duration such as 5s, 2m, 6h or 30d';
const duration = z
  .string({ error: DURATION_TEXT })
  .regex(/^\d+(?:\.\d+)?\s*(?:ms|s|m|h|d)$/, { error: DURATION_TEXT })
  .meta({ title: 'duration' })
  .transform((text) => parseDuration(text)!);

const SIZE_TEXT = 'expected a size such as 500MB or 1GB';
const size = z
  .string({ error: SIZE_TEXT })
  .regex(/^\d+(?:\.\d+)?\s*(?:B|KB|MB|GB|TB|KiB|MiB|GiB)$/, { error: SIZE_TEXT })
  .meta({ title: 'size' })
  .transform((text) => parseSize(text)!);

const DAY_TEXT = 'expected a day that exists, such as 2026-10-01';
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const day = z
  .string({ error: DAY_TEXT })
  .regex(DAY, { error: DAY_TEXT })
  .refine((text) => isDay(text), { error: DAY_TEXT })
  .meta({ title: 'day' });

const nonEmpty = z.string().min(1, { error: 'must not be empty' });

/** One name or a list of names; a list when it comes out. */
const oneOrMore = z
  .union([nonEmpty, z.array(nonEmpty).min(1)], { error: 'expected a name, or a list of names' })
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** What every connection may say; the rest of it is its connector's. */
export const connectionSchema = z.looseObject({
  connector: z.string().describe('Which outside system: a name from the list of connectors.'),
  schema: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'a schema name has letters, digits and `_` only' })
    .optional()
    .describe("The warehouse schema that its tables stand in. By default the connector's own, such as `amazon_ads`."),
});

const landingFolder = z.strictObject({
  path: nonEmpty.prefault('./landing').describe('The folder. Pipelines that share it share their jobs.'),
  keep: duration
    .prefault('30d')
    .describe('How long files are kept once they are committed: sinks added later are filled from them.'),
  max: z
    .union([z.literal('none'), size], { error: `${SIZE_TEXT}, or none` })
    .prefault('none')
    .describe('Bound of the whole folder; the oldest committed files make room.'),
});

const landing = z
  .union([nonEmpty, landingFolder], { error: 'expected a folder, or a mapping with `path`' })
  .transform((value) => (typeof value === 'string' ? landingFolder.parse({ path: value }) : value));

export const sinkSchema = z.strictObject({
  sink: z.enum(['duckdb', 'parquet']).describe('`duckdb`: a DuckDB file. `parquet`: a folder of Parquet files.'),
  path: nonEmpty.describe('The file or folder. A DuckDB file must not be named like a schema.'),
  lock_wait: duration
    .prefault('60s')
    .describe('How long a run waits for another process that holds the sink, before it ends with exit code 75.'),
});

const SINCE_TEXT = 'expected a day such as 2026-10-01, or an age such as 30d';
const since = z
  .string({ error: SINCE_TEXT })
  .regex(/^(?:\d{4}-\d{2}-\d{2}|[1-9]\d*d)$/, { error: SINCE_TEXT })
  .refine((text) => !DAY.test(text) || isDay(text), { error: DAY_TEXT })
  .transform((text) =>
    DAY.test(text) ? { kind: 'day' as const, day: text } : { kind: 'age' as const, days: Number.parseInt(text, 10) },
  );

const LOOKBACK_TEXT = 'expected auto, none, or an age such as 14d';
const lookback = z
  .string({ error: LOOKBACK_TEXT })
  .regex(/^(?:auto|none|[1-9]\d*d)$/, { error: LOOKBACK_TEXT })
  .transform((text) =>
    text === 'auto' || text === 'none'
      ? { kind: text as 'auto' | 'none' }
      : { kind: 'days' as const, days: Number.parseInt(text, 10) },
  );

const REJECTS_TEXT = 'expected a share such as 50%, or a count such as 100';
const maxRejects = z
  .union([z.int({ error: REJECTS_TEXT }).min(0), z.string().regex(/^\d+(?:\.\d+)?%$|^\d+$/, { error: REJECTS_TEXT })], {
    error: REJECTS_TEXT,
  })
  .refine((value) => Number.parseFloat(String(value)) <= 100 || !String(value).endsWith('%'), {
    error: 'a share lies between 0% and 100%',
  })
  .transform((value) =>
    String(value).endsWith('%')
      ? { kind: 'share' as const, share: Number.parseFloat(String(value)) / 100 }
      : { kind: 'count' as const, count: Number(value) },
  );

/** What is left of a slice when it counts as shrunk, unless the user says otherwise. */
const HALF = 0.5;

const SHRINK_TEXT = 'expected warn, fail, or a share such as 30%';
const shrink = z
  .string({ error: SHRINK_TEXT })
  .regex(/^(?:warn|fail|\d+(?:\.\d+)?%)$/, { error: SHRINK_TEXT })
  .refine((text) => !text.endsWith('%') || Number.parseFloat(text) <= 100, {
    error: 'a share lies between 0% and 100%',
  })
  .transform((text) =>
    text === 'warn' || text === 'fail'
      ? { action: text as 'warn' | 'fail', share: HALF }
      : { action: 'fail' as const, share: Number.parseFloat(text) / 100 },
  );

const CRON_TEXT = 'expected a cron expression of five fields, such as "15 6 * * *"';
const scheduleFields = z.strictObject({
  cron: z
    .string({ error: CRON_TEXT })
    .refine((text) => isCron(text), { error: CRON_TEXT })
    .describe('Minute, hour, day of month, month, day of week.'),
  timezone: z
    .string()
    .refine((text) => isTimezone(text), { error: 'expected an IANA zone such as America/Los_Angeles or UTC' })
    .prefault('UTC')
    .describe('The IANA zone in which the expression is meant.'),
});

const TYPE_TEXT = 'expected bigint, double, boolean, varchar, date, timestamptz, json or decimal(P,S) with S ≤ P ≤ 38';
const columnType = z
  .string({ error: TYPE_TEXT })
  .regex(/^(?:bigint|double|boolean|varchar|date|timestamptz|json|decimal\(\d{1,2},\d{1,2}\))$/, { error: TYPE_TEXT })
  .refine((text) => isPossibleDecimal(text), { error: TYPE_TEXT });

/** A dataset with options; a plain string is the same with a name only. */
const datasetFields = z.strictObject({
  name: nonEmpty.describe('A dataset, or a glob such as `sp_*_report_v2`.'),
  columns: z
    .array(nonEmpty)
    .min(1)
    .optional()
    .describe("The columns to ask for, by the source's names or in snake_case; key columns are added. By default all."),
  filter: z
    .record(z.string(), oneOrMore)
    .optional()
    .describe('Narrows what is asked for: `{ state: [enabled, paused] }`, `{ tactic: [T00020] }`. By default all.'),
  types: z
    .record(z.string(), columnType)
    .prefault({})
    .describe('Types of columns that the catalogue does not know, by name: they are `varchar` otherwise.'),
});

const dataset = z
  .union([nonEmpty, datasetFields], { error: 'expected a dataset name, or a mapping with `name`' })
  .transform((value) => (typeof value === 'string' ? datasetFields.parse({ name: value }) : value));

export const pipelineSchema = z.strictObject({
  connection: oneOrMore.optional().describe('The connection, or a list. May be left out where there is only one.'),
  sinks: oneOrMore.optional().describe('The sinks to fill. By default all of them.'),
  since: since.prefault('30d').describe('The first day wanted, or how many days before today it lies.'),
  until: day.optional().describe("The last day wanted. By default yesterday in the profile's zone."),
  lookback: lookback
    .prefault('auto')
    .describe(
      '`auto`: a day is loaded again when it reaches an age at which the source restates it. `14d`: every day of that age or less, once a day. `none`: never.',
    ),
  schedule: scheduleFields.optional().describe('When `millpond schedule` runs it.'),
  schema_policy: z
    .enum(['evolve', 'freeze', 'ignore'])
    .default('evolve')
    .describe('An unknown column is added (`evolve`), fails the slice (`freeze`), or is only noted (`ignore`).'),
  max_rejects: maxRejects
    .prefault('50%')
    .describe('More rejected rows than this fail the slice, and the data that were there stay.'),
  shrink: shrink
    .prefault('warn')
    .describe(
      'When a slice comes empty, or with less than half of the rows that it would replace: `warn` takes it and says so, `fail` keeps the old rows. A share such as `30%`: fail below that share instead of half.',
    ),
  datasets: z
    .array(dataset)
    .min(1)
    .describe(
      'Names, globs, and exclusions that begin with `!`, or mappings. Where several match one dataset, the last counts.',
    ),
  snapshots: snapshotsSchema
    .optional()
    .describe('Snapshots to make at the source, which stay there for ever and are seen by others. By default none.'),
});

/** The whole file, without the keys that begin with `x-`. */
export const fileSchema = z.strictObject({
  version: z.literal(1, { error: 'expected `version: 1`, the only one this Millpond knows' }).describe('Always 1.'),
  connections: z.record(named, connectionSchema).describe('Where data come from, by a name of your own.'),
  landing: landing.prefault('./landing').describe('The folder of files as they came, and of what is in flight.'),
  memory: size.prefault('1GB').describe('Budget of one process.'),
  sinks: z.record(named, sinkSchema).describe('Where data go, by a name of your own.'),
  pipelines: z.record(named, pipelineSchema).prefault({}).describe('What is loaded, by a name of your own.'),
});

/** The file as the schema leaves it: defaults filled in, units resolved, names not yet looked up. */
export type WrittenConfig = z.output<typeof fileSchema>;
export type WrittenPipeline = z.output<typeof pipelineSchema>;
export type WrittenDataset = WrittenPipeline['datasets'][number];

function isPossibleDecimal(text: string): boolean {
  const match = /^decimal\((\d+),(\d+)\)$/.exec(text);
  if (!match) return true;
  const [precision, scale] = [Number(match[1]), Number(match[2])];
  return precision >= 1 && precision <= 38 && scale <= precision;
}
