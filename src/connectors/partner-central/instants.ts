/** The service's instants as text: one moment is printed with different fractions by different calls. */

const PRINTED = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00(?::?00)?)$/;

/** Digits of the fraction that the warehouse keeps. */
const KEPT = 6;

/** An instant as text that sorts: of the warehouse, with all of its six digits; of the service, with those it prints. */
export function sortable(printed: string, digits: 'all' | 'printed'): string | undefined {
  const match = PRINTED.exec(printed.trim());
  if (!match) return undefined;
  const [, day, time, fraction = ''] = match;
  const kept = fraction.slice(0, KEPT);
  return `${day}T${time}.${digits === 'all' ? kept.padEnd(KEPT, '0') : kept}`;
}

/** Milliseconds of what {@link sortable} gives, rounded down. */
export function millisOf(instant: string): number {
  const [second = '', fraction = ''] = instant.split('.');
  return Date.parse(`${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`);
}

/** Instants of one read, each later than the one before: what is landed is told apart by them. */
export class Moments {
  #last = 0;

  /** @param now the clock, which may stand still. */
  constructor(readonly now: () => Date) {}

  next(): string {
    this.#last = Math.max(this.#last + 1, this.now().getTime());
    return new Date(this.#last).toISOString();
  }
}
