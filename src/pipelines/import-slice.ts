import path from 'node:path';
import { addDays, dayIn, isDay } from '../base/days.js';
import { MillpondError } from '../base/errors.js';
import { nearest } from '../base/names.js';
import { dayOfSlice } from '../contracts/index.js';
import type { Selected } from './select.js';

/** A day as it stands in names: `2026-10-01`, `20261001`, `2026_10_01`, `2026.10.01`. */
const DAY_IN_NAME = /(?<!\d)(\d{4})([-_.]?)(\d{2})\2(\d{2})(?!\d)/g;

/**
 * The slice that a file belongs to. In `template`, `{date}` is the day that stands in the file's
 * name (or else in the name of a folder above it), `{part}` what splits a day of this dataset.
 * @throws MillpondError `E_USAGE` where the slice is none of the dataset's form, or the name says no day.
 */
export function sliceOf(selected: Selected, template: string, file: string): string {
  const slice = template
    .replaceAll('{date}', () => dayInName(file))
    .replaceAll('{part}', () => partInName(file, partsOf(selected)));
  const unknown = /\{[^}]*\}/.exec(slice)?.[0];
  if (unknown !== undefined) {
    throw usage(`--slice ${template}: there is no placeholder ${unknown}`, 'There are {date} and {part}.');
  }
  checkForm(selected, slice);
  return slice;
}

/** @throws MillpondError `E_USAGE` where no scope of the dataset can look like this. */
export function checkScope({ dataset }: Selected, scope: string): void {
  const [table] = dataset.tables;
  if (table?.scopeColumn.type === 'bigint' && !/^\d{1,19}$/.test(scope)) {
    throw usage(`--scope ${scope}: the scope of ${dataset.name} is a profile's id, in digits`);
  }
  if (scope.trim() === '' || scope.includes(':')) throw usage(`--scope ${scope}: no scope is called so`);
}

/**
 * When the source was asked for a file: as the user says, else when the file was last written; of
 * current state the slice says the day, and a file written on another one was copied: then noon.
 * @throws MillpondError `E_USAGE` for no instant, one to come, or one that the slice cannot be of.
 */
export function asOfOf(
  { dataset, request }: Selected,
  slice: string,
  given: string | undefined,
  modified: Date,
  now: Date,
): string {
  const asOf = given === undefined ? new Date(Math.min(modified.getTime(), now.getTime())) : new Date(given);
  if (Number.isNaN(asOf.getTime()) || (given !== undefined && !/^\d{4}-\d{2}-\d{2}/.test(given))) {
    throw usage(`--as-of ${given}: write an instant such as 2026-10-05T06:15:00Z`);
  }
  const day = request.slicing.kind === 'cursor' ? undefined : dayOfSlice(slice);
  const isState = request.slicing.kind === 'as-of';
  const noon = new Date(`${day}T12:00:00Z`);
  const chosen = isState && given === undefined && !isNear(asOf, slice) && noon < now ? noon : asOf;
  if (chosen > now) throw usage(`--as-of ${given} is still to come`, 'It would keep newer data out until then.');
  // Where a day begins is not known here: it may be one off.
  const fits = day === undefined || (isState ? isNear(chosen, day) : dayIn('UTC', chosen) >= addDays(day, -1));
  if (fits) return chosen.toISOString();
  throw usage(
    `${dataset.name} ${slice} cannot be of ${chosen.toISOString()}${given === undefined ? ', when its file was written' : ''}`,
    isState ? 'The slice of current state is the day it was asked for.' : 'Say with --as-of when the source was asked.',
  );
}

/** Whether an instant lies on a day, in whichever zone. */
function isNear(instant: Date, day: string): boolean {
  const there = dayIn('UTC', instant);
  return there >= addDays(day, -1) && there <= addDays(day, 1);
}

function checkForm(selected: Selected, slice: string): void {
  const { dataset } = selected;
  const { kind } = dataset.slicing;
  if (kind === 'cursor') {
    if (slice.trim() === '') throw usage(`--slice: ${dataset.name} has no slice without a name`);
    return;
  }
  const [day = '', part, ...rest] = slice.split('/');
  const parts = partsOf(selected);
  const form = parts.length > 0 ? `2026-10-01/${parts[0]}` : '2026-10-01';
  if (!isDay(day) || rest.length > 0) {
    throw usage(`--slice ${slice}: a slice of ${dataset.name} is a day such as ${form}`, NAME_HINT);
  }
  if (parts.length === 0 && part !== undefined) {
    throw usage(`--slice ${slice}: a day of ${dataset.name} has no parts; write ${day}`);
  }
  if (parts.length === 0 || parts.includes(part ?? '')) return;
  const near = nearest(part ?? '', parts) ?? parts[0];
  const known = `It has the parts ${parts.join(', ')}.`;
  throw usage(`--slice ${slice}: ${dataset.name} has no such part of a day; did you mean ${day}/${near}?`, known);
}

const NAME_HINT = 'With --slice "{date}" it is read from the name of each file.';

/** What splits a day: all that the catalogue knows, and what the pipeline asks for. */
function partsOf({ dataset, request }: Selected): string[] {
  const all = [dataset.slicing, request.slicing].flatMap((slicing) => (slicing.kind === 'day' ? slicing.parts : []));
  return [...new Set(all)];
}

/** The one day in a file's name; where there is none, in that of the nearest folder that has one. */
function dayInName(file: string): string {
  for (const name of namesUpwards(file)) {
    const days = [...name.matchAll(DAY_IN_NAME)]
      .map(([, year, , month, day]) => `${year}-${month}-${day}`)
      .filter(isDay);
    const [first, ...others] = new Set(days);
    if (others.length > 0) {
      throw usage(
        `${file}: which of the days in its name is meant, ${[first, ...others].join(' or ')}?`,
        'Give its slice by itself.',
      );
    }
    if (first !== undefined) return first;
  }
  throw usage(`${file}: there is no day in its name`, 'Give its slice by itself, such as --slice 2026-10-01.');
}

function partInName(file: string, parts: readonly string[]): string {
  for (const name of namesUpwards(file)) {
    const [first, ...others] = parts.filter((part) => name.includes(part));
    if (first !== undefined && others.length === 0) return first;
  }
  throw usage(
    `${file}: its name has ${parts.length > 0 ? `none of ${parts.join(', ')}, or several` : 'no part, for days of this dataset have none'}`,
  );
}

function namesUpwards(file: string): string[] {
  return path.normalize(file).split(path.sep).filter(Boolean).reverse();
}

function usage(message: string, hint?: string): MillpondError {
  return new MillpondError('E_USAGE', message, hint === undefined ? {} : { hint });
}
