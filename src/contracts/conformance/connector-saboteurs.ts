import { Readable } from 'node:stream';
import { MillpondError } from '../../base/errors.js';
import type { Ctx, Dataset, DirectFetch, JobFetch, Source } from '../index.js';
import type { ConnectorBench, OpenBench } from './connector.js';

/** A source that breaks one promise. The check it names must catch it. */
export interface ConnectorSaboteur {
  readonly name: string;
  /** Name of the check that must fail. */
  readonly betrays: string;
  /** What a bench must be able to do for the betrayal to matter. */
  readonly needs?: 'job' | 'direct' | 'repeatPages' | 'scopes' | 'noScopes';
  /** The same bench with a spoiled source. */
  spoil(bench: ConnectorBench): ConnectorBench;
}

/** {@link ConnectorSaboteur.spoil} for whoever opens benches. */
export function sabotaged(open: OpenBench, saboteur: ConnectorSaboteur): OpenBench {
  return async () => saboteur.spoil(await open());
}

type Spoil<T> = (original: T, bench: ConnectorBench) => Partial<T>;

/** The bench with some of its members replaced. */
function changed(bench: ConnectorBench, members: Partial<ConnectorBench>): ConnectorBench {
  return new Proxy(bench, {
    get(target, name) {
      if (name in members) return members[name as keyof ConnectorBench];
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const withSource = (bench: ConnectorBench, change: Partial<Source>): ConnectorBench =>
  changed(bench, { source: { ...bench.source, ...change } });

function eachDataset(spoil: Spoil<Dataset>): ConnectorSaboteur['spoil'] {
  return (bench) =>
    withSource(bench, { datasets: bench.source.datasets.map((dataset) => ({ ...dataset, ...spoil(dataset, bench) })) });
}

function eachJobFetch(spoil: Spoil<JobFetch>): ConnectorSaboteur['spoil'] {
  return eachDataset(({ fetch }, bench) =>
    fetch.kind === 'job' ? { fetch: { ...fetch, ...spoil(fetch, bench) } } : {},
  );
}

function eachDirectFetch(spoil: Spoil<DirectFetch>): ConnectorSaboteur['spoil'] {
  return eachDataset(({ fetch }, bench) =>
    fetch.kind === 'direct' ? { fetch: { ...fetch, ...spoil(fetch, bench) } } : {},
  );
}

const deaf = (ctx: Ctx): Ctx => ({ ...ctx, signal: new AbortController().signal });

const COVERS = 'every wanted slice is in exactly one ask';
const ABORT = 'an abort ends every wait at once';
const RENEWS = 'an expired link is renewed, without a new job';
const KEYS = 'key columns are always asked for, and unknown names are refused';

/** One broken promise each. */
export const connectorSaboteurs: readonly ConnectorSaboteur[] = [
  {
    name: 'drops a slice',
    betrays: COVERS,
    needs: 'job',
    spoil: eachJobFetch((fetch) => ({ coalesce: (request, slices) => fetch.coalesce(request, slices.slice(1)) })),
  },
  {
    name: 'asks for a slice twice',
    betrays: COVERS,
    needs: 'job',
    spoil: eachJobFetch((fetch) => ({
      coalesce: (request, slices) => [
        ...fetch.coalesce(request, slices),
        ...fetch.coalesce(request, slices.slice(0, 1)),
      ],
    })),
  },
  {
    name: 'puts everything into one job, whatever the source allows',
    betrays: COVERS,
    needs: 'job',
    spoil: eachJobFetch((fetch) => ({
      coalesce: (request, slices) =>
        fetch
          .coalesce(request, slices)
          .slice(0, 1)
          .map((draft) => ({ ...draft, slices })),
    })),
  },
  {
    name: 'asks for something else each time',
    betrays: 'equal wishes make equal requests',
    spoil: eachDataset((dataset) => ({
      request: (options) => {
        const request = dataset.request(options);
        return { ...request, params: { ...request.params, nonce: Math.random() } };
      },
    })),
  },
  {
    name: 'leaves key columns out',
    betrays: KEYS,
    needs: 'job',
    spoil: eachDataset((dataset) => ({
      request: (options) => {
        const request = dataset.request(options);
        return options.columns ? { ...request, columns: options.columns } : request;
      },
    })),
  },
  {
    name: 'takes any column for granted',
    betrays: KEYS,
    spoil: eachDataset((dataset) => ({ request: ({ columns: _, ...options }) => dataset.request(options) })),
  },
  {
    name: 'lists a scope twice',
    betrays: 'its scopes are whole',
    spoil: (bench) =>
      withSource(bench, {
        async scopes(ctx) {
          const list = await bench.source.scopes(ctx);
          return { ...list, scopes: [...list.scopes, ...list.scopes.slice(0, 1)] };
        },
      }),
  },
  {
    name: 'makes a job that it does not tell of',
    betrays: 'every job that is made is told',
    needs: 'job',
    spoil: eachJobFetch((fetch) => ({
      async request(ask, attempt, ctx) {
        await fetch.request(ask, attempt, ctx);
        return fetch.request(ask, attempt, ctx);
      },
    })),
  },
  {
    name: 'sends credentials to the host of files',
    betrays: 'credentials never reach the host of files',
    needs: 'job',
    spoil: eachJobFetch((fetch, bench) => ({
      async download(ask, job, ctx) {
        const body = await fetch.download(ask, job, ctx);
        const file = bench.requests().findLast((request) => request.download);
        if (file) await globalThis.fetch(file.url, { headers: { authorization: `Bearer ${bench.secrets[0]}` } });
        return body;
      },
    })),
  },
  {
    name: 'cuts a file short',
    betrays: 'a job is made, polled and fetched',
    needs: 'job',
    spoil: eachJobFetch((fetch) => ({
      async download(ask, job, ctx) {
        const body = await fetch.download(ask, job, ctx);
        return { ...body, length: (body.length ?? 0) + 1 };
      },
    })),
  },
  {
    name: 'gives up on an expired link',
    betrays: RENEWS,
    needs: 'job',
    spoil: (bench) =>
      afterExpiry(bench, () => {
        throw new MillpondError('E_LINK_EXPIRED', 'The link has expired');
      }),
  },
  {
    name: 'makes a new job for an expired link',
    betrays: RENEWS,
    needs: 'job',
    spoil: (bench) => afterExpiry(bench, (again) => again()),
  },
  {
    name: 'is deaf to an abort',
    betrays: ABORT,
    needs: 'scopes',
    spoil: (bench) => withSource(bench, { scopes: (ctx) => bench.source.scopes(deaf(ctx)) }),
  },
  {
    name: 'is deaf to an abort while it polls',
    betrays: ABORT,
    needs: 'job',
    spoil: eachJobFetch((fetch) => ({ poll: (ask, job, ctx) => fetch.poll(ask, job, deaf(ctx)) })),
  },
  {
    name: 'asks on after an abort',
    betrays: 'nothing is asked after an abort',
    needs: 'scopes',
    spoil: (bench) =>
      withSource(bench, {
        async scopes(ctx) {
          await bench.source.scopes(deaf(ctx));
          return bench.source.scopes(ctx);
        },
      }),
  },
  {
    name: 'tells secrets in its errors',
    betrays: 'no secret stands in an error',
    needs: 'scopes',
    spoil: (bench) =>
      withSource(bench, {
        async scopes(ctx) {
          try {
            return await bench.source.scopes(ctx);
          } catch (error) {
            const { code, message } = error as MillpondError;
            throw new MillpondError(code, `${message} (sent ${bench.secrets.join()})`);
          }
        },
      }),
  },
  {
    name: 'keeps silent about a slice it did not find',
    betrays: 'a direct read accounts for every slice',
    needs: 'direct',
    spoil: eachDirectFetch((fetch) => ({
      async *read(ask, held, ctx) {
        for await (const part of fetch.read(ask, held, ctx)) yield { ...part, slices: part.slices.slice(1) };
      },
    })),
  },
  {
    name: 'is deaf to an abort while it reads',
    betrays: ABORT,
    needs: 'noScopes',
    spoil: eachDirectFetch((fetch) => ({ read: (ask, held, ctx) => fetch.read(ask, held, deaf(ctx)) })),
  },
  {
    name: 'puts the time of reading into its bytes',
    betrays: 'what has not changed reads the same, byte for byte',
    needs: 'direct',
    spoil: eachDirectFetch((fetch) => ({
      async *read(ask, held, ctx) {
        for await (const { body, ...part } of fetch.read(ask, held, ctx)) {
          const stamp = Readable.from([Buffer.from(`{"read":"${performance.now()}"}\n`)]);
          yield body ? { ...part, body: { format: body.format, stream: after(stamp, body.stream) } } : part;
        }
      },
    })),
  },
  {
    name: 'reads the same page again and again',
    betrays: 'a page that repeats ends the read',
    needs: 'repeatPages',
    spoil: eachDirectFetch((fetch) => ({
      async *read(ask, held, ctx) {
        // Not for ever: nobody could stop it once it is found out.
        for (let round = 0; round < 100; round++) {
          try {
            yield* fetch.read(ask, held, ctx);
          } catch {
            // Whatever it was, once more.
          }
        }
      },
    })),
  },
];

/** One stream after another. */
function after(first: Readable, second: Readable): Readable {
  return Readable.from(
    (async function* () {
      yield* first;
      yield* second;
    })(),
    { objectMode: false },
  );
}

/** Once a link has been made to expire, the next download does `instead` first. */
function afterExpiry(bench: ConnectorBench, instead: (again: () => Promise<unknown>) => unknown): ConnectorBench {
  let expired = false;
  const spoiled = eachJobFetch((fetch) => ({
    async download(ask, job, ctx) {
      if (expired) {
        expired = false;
        await instead(() => fetch.request(ask, { token: 'again', made: [] }, ctx));
      }
      return fetch.download(ask, job, ctx);
    },
  }))(bench);
  return changed(spoiled, {
    expireNextLink() {
      expired = true;
      bench.expireNextLink?.();
    },
  });
}
