import { grows } from '../contracts/growth.js';
import { dayOfSlice, formatSliceKey, type LedgerSlice, type SliceKey } from '../contracts/index.js';
import type { SliceFacts } from './commit-slices.js';
import { contentOf } from './content.js';
import { isFinal, LATEST_ZONE } from './due.js';
import { passes } from './filters.js';
import type { Answer, LandedFile } from './landed-files.js';
import type { Ownership } from './owners.js';
import type { Selected } from './select.js';

/** A connection's share of a replay. */
export interface ReplaySource {
  readonly connection: string;
  /** The schema that it fills. */
  readonly schema: string;
  /** Its datasets, each as the pipeline would load it today. */
  readonly datasets: ReadonlyMap<string, Selected>;
  /** Why a file of a dataset is this pipeline's; undefined where it is another's. */
  owns(dataset: string, imported: string | undefined): Ownership['by'] | undefined;
}

/** What a replay is planned from. */
export interface ReplayInput {
  readonly sources: readonly ReplaySource[];
  /** What each sink of the pipeline holds. */
  readonly sinks: readonly (readonly LedgerSlice[])[];
  /** What the landing folder keeps. */
  readonly answers: readonly Answer[];
  readonly filters: {
    readonly scopes: readonly string[];
    readonly slices: readonly string[];
    readonly from?: string;
    readonly to?: string;
  };
  /** These slices only, in the words of {@link formatSliceKey}. */
  readonly only?: ReadonlySet<string>;
}

/** A slice that is replayed, and what the ledger shall say of it. */
export interface ReplaySlice extends SliceFacts {
  readonly key: SliceKey;
}

/** Slices that are made of the same files. */
export interface ReplayItem {
  readonly source: ReplaySource;
  readonly selected: Selected;
  readonly requestFingerprint: string;
  /** All that the slices are made of, the oldest first. */
  readonly files: readonly LandedFile[];
  readonly slices: readonly ReplaySlice[];
}

export interface ReplayPlan {
  /** The newest day first. */
  readonly items: readonly ReplayItem[];
  /** What is held of slices of which a newer file is tried first: for where that is still no good. */
  readonly fallbacks: readonly ReplayItem[];
  /** Held, but the files are past their keeping. */
  readonly gone: readonly { readonly schema: string; readonly key: SliceKey }[];
}

/** What one write replaces: a slice, or of current state whatever the scope has. */
interface Place {
  readonly source: ReplaySource;
  readonly selected: Selected;
  held?: LedgerSlice;
  readonly answers: { readonly answer: Answer; readonly key: SliceKey }[];
}

/** One way to make a slice. */
type Try = Omit<ReplayItem, 'source' | 'selected' | 'slices'> & { readonly slice: ReplaySlice };

/** Which slices can be made again, and of which files. A file never replaces data that are newer than it. Pure. */
export function planReplay(input: ReplayInput): ReplayPlan {
  const files = new Map(input.answers.flatMap((answer) => answer.files).map((file) => [file.path, file]));
  const items: Items = new Map();
  const fallbacks: Items = new Map();
  const gone: ReplayPlan['gone'][number][] = [];
  for (const place of placesOf(input)) {
    const [first, second] = triesOf(place, files);
    const key = first?.slice.key ?? place.held;
    if (!key || !isWanted(input, place, key)) continue;
    if (first) add(items, place, first);
    else if (place.held && owns(place, undefined)) {
      gone.push({ schema: place.source.schema, key: plainKey(place.held) });
    }
    if (second) add(fallbacks, place, second);
  }
  return { items: newestFirst(items), fallbacks: newestFirst(fallbacks), gone };
}

function placesOf(input: ReplayInput): Iterable<Place> {
  const places = new Map<string, Place>();
  const place = (source: ReplaySource, key: SliceKey): Place | undefined => {
    const selected = source.datasets.get(key.dataset);
    if (!selected || !passes(key.scope, input.filters.scopes)) return undefined;
    const slice = selected.request.slicing.kind === 'as-of' ? '' : key.slice;
    const id = [source.schema, key.dataset, key.scope, slice].join('\0');
    const found = places.get(id) ?? { source, selected, answers: [] };
    places.set(id, found);
    return found;
  };
  for (const answer of input.answers) {
    const source = input.sources.find(({ connection }) => connection === answer.connection);
    if (!source || !answer.isWhole) continue;
    for (const key of answer.slices) place(source, key)?.answers.push({ answer, key });
  }
  for (const held of input.sinks.flat()) {
    const source = input.sources.find(({ schema, datasets }) => schema === held.schema && datasets.has(held.dataset));
    const found = source && place(source, held);
    if (found && (!found.held || isMore(held, found.held))) found.held = held;
  }
  return places.values();
}

/** Of what two sinks hold the newer; of equally new ones the one that is made of more. */
function isMore(a: LedgerSlice, b: LedgerSlice): boolean {
  return a.asOf === b.asOf ? a.artifacts.length > b.artifacts.length : a.asOf > b.asOf;
}

/** How a slice could be made again, the newest way first; at most two. */
function triesOf(place: Place, files: ReadonlyMap<string, LandedFile>): Try[] {
  const { held, selected } = place;
  const kept = held && heldFiles(held, files);
  const again = held && kept && owns(place, kept[0]?.imported?.pipeline) ? [tryHeld(held, kept)] : [];
  if (isGathered(place)) {
    const more = moreFiles(place, kept ?? []);
    if (more.length === 0 || (held && !kept)) return again;
    return [tryAll(place, [...(kept ?? []), ...more]), ...again];
  }
  const answers = ownAnswers(place);
  const asToday = answers.filter(({ answer }) => answer.requestFingerprint === selected.requestFingerprint);
  if (!held) {
    const newest = asToday.at(-1) ?? answers.at(-1);
    return newest ? [tryAnswer(place, newest)] : [];
  }
  const newest = asToday.at(-1);
  const newer = newest && newest.answer.asOf > held.asOf ? [tryAnswer(place, newest)] : [];
  if (again.length > 0) return [...newer, ...again];
  // The content of a later file was the same, and the older one is gone.
  const same = answers.find(
    ({ answer }) => answer.asOf === held.asOf && contentOf(answer.files) === contentOf(held.artifacts),
  );
  return same ? [...newer, { ...tryAnswer(place, same), requestFingerprint: held.requestFingerprint }] : newer;
}

/** Whether a slice is made of all files that ever held a part of it, not of the newest alone. */
function isGathered({ held, selected: { request } }: Place): boolean {
  return grows(request.tables) || (!held && request.tables.some(({ mode }) => mode === 'upsert'));
}

/** The files that a ledger names, if they are all there and unchanged. */
function heldFiles(held: LedgerSlice, files: ReadonlyMap<string, LandedFile>): LandedFile[] | undefined {
  const found = held.artifacts.map(({ path, sha256 }) => {
    const file = files.get(path);
    return file?.sha256 === sha256 ? file : undefined;
  });
  return found.every((file) => file !== undefined) && found.length > 0 ? found : undefined;
}

/** What was landed for this pipeline, the oldest first: of a dataset that nobody names only what a sink holds or what was imported. */
function ownAnswers(place: Place): Place['answers'] {
  const isOwn = ({ answer }: { answer: Answer }) => {
    const by = owns(place, answer.files[0]?.imported?.pipeline);
    return by === 'default' ? place.held !== undefined : by !== undefined;
  };
  return place.answers.filter(isOwn).sort((a, b) => (a.answer.asOf < b.answer.asOf ? -1 : 1));
}

/** Files of a slice that it is not made of yet: nothing that comes is too old for one that grows. */
function moreFiles(place: Place, kept: readonly LandedFile[]): LandedFile[] {
  const known = new Set(kept.map(({ contentSha256 }) => contentSha256));
  return ownAnswers(place)
    .flatMap(({ answer }) => answer.files)
    .filter(({ contentSha256 }) => !known.has(contentSha256));
}

function tryHeld(held: LedgerSlice, files: readonly LandedFile[]): Try {
  const { requestFingerprint, asOf, final } = held;
  return { files, requestFingerprint, slice: { key: plainKey(held), asOf, final } };
}

function tryAnswer({ selected }: Place, { answer, key }: Place['answers'][number]): Try {
  const { files, requestFingerprint, asOf } = answer;
  const final = isFinal(selected.request.slicing, dayOfSlice(key.slice), asOf, LATEST_ZONE);
  return { files, requestFingerprint, slice: { key, asOf, final } };
}

function tryAll(place: Place, files: readonly LandedFile[]): Try {
  const { key, answer } = place.answers.at(-1)!;
  const asOf = [place.held?.asOf ?? '', ...files.map((file) => file.asOf)].sort().at(-1)!;
  return { files, requestFingerprint: answer.requestFingerprint, slice: { key, asOf, final: false } };
}

function owns({ source, selected }: Place, imported: string | undefined): Ownership['by'] | undefined {
  return source.owns(selected.dataset.name, imported);
}

/** Whether a slice passes the filters by its key and its day. */
export function isWanted(
  { filters, only }: Pick<ReplayInput, 'filters' | 'only'>,
  { selected }: Pick<Place, 'selected'>,
  key: SliceKey,
): boolean {
  const name = formatSliceKey(plainKey(key));
  if (only && !only.has(name)) return false;
  if (!passes(name, filters.slices)) return false;
  const day = selected.request.slicing.kind === 'day' ? dayOfSlice(key.slice) : undefined;
  if (day === undefined) return true;
  return day >= (filters.from ?? day) && day <= (filters.to ?? day);
}

/** Items while their slices are being gathered. */
type Items = Map<string, ReplayItem & { readonly slices: ReplaySlice[] }>;

function add(items: Items, { source, selected }: Place, { slice, ...made }: Try): void {
  const id = [source.connection, made.requestFingerprint, ...made.files.map(({ path }) => path)].join('\0');
  const item = items.get(id) ?? { source, selected, ...made, slices: [] };
  item.slices.push(slice);
  items.set(id, item);
}

function newestFirst(items: Items): ReplayItem[] {
  const rank = ({ slices }: ReplayItem) => dayOfSlice(slices[0]?.key.slice ?? '') ?? '9999';
  return [...items.values()].sort((a, b) => (rank(a) < rank(b) ? 1 : rank(a) > rank(b) ? -1 : 0));
}

function plainKey({ dataset, scope, slice }: SliceKey): SliceKey {
  return { dataset, scope, slice };
}
