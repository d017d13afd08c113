import { createHmac } from 'node:crypto';
import { invalid } from './errors.js';
import { wireJson } from './wire.js';

/** One item of a list: where it stands in the order, and how it is written. */
export interface Item {
  /** Unique within the list; the order is that of these texts. */
  readonly key: string;
  write(): Record<string, unknown>;
}

/** A page as it is answered. */
export interface Page {
  readonly items: readonly Record<string, unknown>[];
  /** Null after the last page. */
  readonly next: string | null;
}

/** What a list is asked with. */
export interface PageRequest {
  readonly operation: string;
  readonly accountId: string;
  readonly request: Readonly<Record<string, unknown>>;
  /** Whether the order runs backwards. */
  readonly descending?: boolean;
}

/** Beginning of the service's own tokens. */
const PREFIX = 'AAMA-EFRSURB';

/** Items of a page where nothing else is asked for. */
const USUAL_SIZE = 50;

/**
 * Cuts lists into pages. A token names the last item handed out, is bound to the request that it
 * came from, and cannot be made up: so nothing is skipped or doubled where the list grows meanwhile.
 */
export class Pager {
  readonly #secret: string;

  constructor(seed: number) {
    this.#secret = `pages of ${seed}`;
  }

  /** @throws ServiceError ValidationException for a token that is not of this request. */
  page(items: readonly Item[], asked: PageRequest, most: number): Page {
    const direction = asked.descending ? -1 : 1;
    const ordered = items.toSorted((a, b) => (a.key < b.key ? -direction : a.key > b.key ? direction : 0));
    const after = this.#read(asked);
    const rest =
      after === undefined
        ? ordered
        : ordered.filter((item) => (asked.descending ? item.key < after : item.key > after));
    const size = (asked.request.MaxResults as number | undefined | null) ?? Math.min(USUAL_SIZE, most);
    const page = rest.slice(0, size);
    const last = page.at(-1);
    const more = rest.length > page.length && last !== undefined;
    return { items: page.map((item) => item.write()), next: more ? this.#token(asked, last.key) : null };
  }

  /** The token that leads to the first page, which the service itself never hands out. */
  first(asked: PageRequest): string {
    return this.#token(asked, '');
  }

  #read(asked: PageRequest): string | undefined {
    const token = asked.request.NextToken;
    if (token === undefined || token === null || token === '') return undefined;
    const body = String(token).startsWith(PREFIX) ? String(token).slice(PREFIX.length) : '';
    const [key = '', seal] = Buffer.from(body, 'base64url').toString('utf8').split('\u0000');
    if (seal === undefined || seal !== this.#seal(asked, key)) {
      const message = "The value at 'NextToken' is not a token of this request";
      throw invalid([{ FieldName: 'NextToken', Message: message, Code: 'INVALID_VALUE' }]);
    }
    return key;
  }

  #token(asked: PageRequest, key: string): string {
    return PREFIX + Buffer.from(`${key}\u0000${this.#seal(asked, key)}`).toString('base64url');
  }

  #seal({ operation, accountId, request }: PageRequest, key: string): string {
    const { NextToken: _, MaxResults: __, ...filters } = request;
    return createHmac('sha256', this.#secret)
      .update(wireJson([operation, accountId, filters, key]))
      .digest('hex');
  }
}
