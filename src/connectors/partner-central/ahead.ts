import { setMaxListeners } from 'node:events';
import type { Ctx } from '../../contracts/index.js';

/**
 * Works on several items at a time, and gives their results in the items' order. No more than
 * `ahead` items are begun before the first of them is taken, so that memory stays bounded.
 */
export async function* mapAhead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const under: Promise<R>[] = [];
  for await (const item of items) {
    const begun = work(item);
    // It is awaited later, or never where an earlier one fails.
    begun.catch(() => {});
    under.push(begun);
    if (under.length >= ahead) yield await under.shift()!;
  }
  while (under.length > 0) yield await under.shift()!;
}

/** A context of one's own, to end what is still under way when nobody wants it any more. */
export function ownCtx(ctx: Ctx): { readonly ctx: Ctx; end(): void } {
  const own = new AbortController();
  const signal = AbortSignal.any([ctx.signal, own.signal]);
  // Many calls wait on it at once: that is no leak.
  setMaxListeners(0, signal);
  return {
    ctx: { ...ctx, signal },
    end: () => own.abort(),
  };
}
