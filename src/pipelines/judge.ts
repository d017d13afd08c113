import { dayIn } from '../base/days.js';
import { formatSliceKey, type Refusal, type Scope, type SliceKey } from '../contracts/index.js';
import { isDayDue, isPastRetention, isStateDue, wantedDays } from './due.js';
import { passes } from './filters.js';
import type { SchemaInput, WantReason } from './plan.js';
import type { Selected } from './select.js';

/** In place of a slice: whatever a list at the source brings. */
export const EVERYTHING = '*';

/** What became of one wanted slice: to be had, not to be had, or held. */
export type Judged = { readonly key: SliceKey; readonly changed: boolean } & (
  | { readonly kind: 'want'; readonly reason: WantReason }
  | { readonly kind: 'skip'; readonly refusal: Refusal; readonly known: boolean }
  | { readonly kind: 'held' }
);

/** Judges every slice that a pipeline wants of one dataset and scope. Pure. */
export function* judgeScope(input: SchemaInput, selected: Selected, scope: Scope): Generator<Judged> {
  const { dataset, request } = selected;
  const today = dayIn(scope.timezone, input.now);
  const key = (slice: string): SliceKey => ({ dataset: dataset.name, scope: scope.id, slice });
  const slicing = request.slicing;
  if (slicing.kind === 'cursor') {
    // What there is only the source can say; what other sinks hold of it can be filled from files.
    yield* lacking(input, dataset.name, scope.id);
    yield { kind: 'want', key: key(EVERYTHING), reason: input.reload ? 'reload' : 'list', changed: false };
    return;
  }
  const parts = slicing.kind === 'day' && slicing.parts.length > 0 ? slicing.parts : [undefined];
  const days = slicing.kind === 'day' ? wantedDays(input.pipeline, input.filters, today) : [today];
  for (const day of days) {
    for (const part of parts) {
      const wanted = key(part === undefined ? day : `${day}/${part}`);
      if (!passes(formatSliceKey(wanted), input.filters.slices)) continue;
      const past = slicing.kind === 'day' && isPastRetention(slicing, day, today);
      yield judge(input, selected, scope, { key: wanted, day, today, past, part });
    }
  }
}

/** Slices of a list that one sink holds more artifacts of than another. */
function* lacking(input: SchemaInput, dataset: string, scope: string): Generator<Judged> {
  const seen = new Set<string>();
  for (const { dataset: own, scope: whose, slice } of input.sinks.flatMap((sink) => [...sink.slices])) {
    if (own !== dataset || whose !== scope || seen.has(slice)) continue;
    seen.add(slice);
    const key = { dataset, scope, slice };
    const held = input.sinks.map((sink) =>
      sink
        .held(key, false)
        ?.artifacts.map(({ sha256 }) => sha256)
        .join(),
    );
    if (new Set(held).size > 1 && passes(formatSliceKey(key), input.filters.slices)) {
      yield { kind: 'want', key, reason: 'added_sink', changed: false };
    }
  }
}

function judge(
  input: SchemaInput,
  selected: Selected,
  scope: Scope,
  wanted: { key: SliceKey; day: string; today: string; past: boolean; part: string | undefined },
): Judged {
  const { key, day, today, past } = wanted;
  const { slicing } = selected.request;
  const holders = input.sinks.map((sink) => sink.held(key, slicing.kind === 'as-of'));
  const changed = holders.some((held) => held && held.requestFingerprint !== selected.requestFingerprint);
  const refusal = refusalFor(input, selected, scope, wanted);
  const everywhere = holders.every((held) => held !== undefined);
  if (refusal && !(refusal.reason === 'past_retention' && holders.some((held) => held))) {
    const known = input.sinks.every((sink) => sink.outcome(key)?.reason === refusal.reason);
    return { kind: 'skip', key, refusal, known, changed };
  }
  if (input.reload && !past) return { kind: 'want', key, reason: 'reload', changed };
  const due = holders.some(
    (held) =>
      held !== undefined &&
      (slicing.kind === 'day'
        ? isDayDue(input.pipeline.lookback, slicing, { day, asOf: held.asOf }, today, scope.timezone)
        : isStateDue(held.asOf, today, scope.timezone)),
  );
  if (due && !past) return { kind: 'want', key, reason: 'stale', changed };
  if (everywhere) return { kind: 'held', key, changed };
  if (holders.some((held) => held)) return { kind: 'want', key, reason: 'added_sink', changed };
  const failed = input.sinks.some((sink) => sink.outcome(key)?.outcome === 'failed');
  return { kind: 'want', key, reason: failed ? 'failed' : 'missing', changed };
}

function refusalFor(
  input: SchemaInput,
  selected: Selected,
  scope: Scope,
  { key, past, part }: { key: SliceKey; past: boolean; part: string | undefined },
): Refusal | undefined {
  const rule = selected.dataset.unavailable(scope, part);
  if (rule) return rule;
  if (past) {
    const { slicing } = selected.request;
    const days = slicing.kind === 'day' ? slicing.retentionDays : 0;
    return { reason: 'past_retention', message: `The source keeps ${days} days` };
  }
  if (input.reload) return undefined;
  // A rule the source told at an earlier request holds for every day of that scope and part.
  const told = input.sinks.map((sink) => sink.notOffered(key, part)).find((outcome) => outcome !== undefined);
  return told ? { reason: 'not_offered', message: told.message } : undefined;
}
