import { parseFault } from './faults.js';
import type { Answer, Call } from './http.js';
import { CATALOGS } from './partner-central/types.js';
import type { Catalog, Sandbox, SliceOptions } from './types.js';

/** The sandbox's own pages, for other processes: `/_sandbox/…`, without credentials. */
const PREFIX = '/_sandbox/';

/** Whether a request is for the sandbox itself. */
export function isControl(path: string): boolean {
  return path.startsWith(PREFIX);
}

const answer = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(body)}\n`,
});

/**
 * GET `profiles`, `truth?dataset=…&profile=…&from=…&to=…&asOf=…` (with `slice=` one slice, with
 * `file=1` its plain JSON), `stats`, `requests`, `jobs`, `partner-central/accounts`,
 * `partner-central/truth?catalog=…&account=…&engagement=…`, `partner-central/calls?account=…`; POST `faults` (one or a list), `advance`
 * (`{"days": 3}`), `reset`; DELETE `faults`. What is wrong is answered 400 with the reason.
 */
export function control(call: Call, sandbox: Sandbox): Answer {
  const name = call.path.slice(PREFIX.length);
  try {
    const page = PAGES[`${call.method} ${name}`];
    return page
      ? page(call, sandbox)
      : answer(404, { error: `No such page; there are ${Object.keys(PAGES).join(', ')}` });
  } catch (error) {
    return answer(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

const PAGES: Readonly<Record<string, (call: Call, sandbox: Sandbox) => Answer>> = {
  'GET profiles': (_, sandbox) => answer(200, sandbox.profiles),
  'GET truth': truth,
  'GET stats': (_, sandbox) => answer(200, sandbox.stats()),
  'GET requests': (_, sandbox) => answer(200, sandbox.requests),
  'GET jobs': (_, sandbox) => answer(200, sandbox.jobs),
  'GET partner-central/accounts': (_, sandbox) => answer(200, sandbox.partnerCentral.accounts),
  'GET partner-central/truth': partnerTruth,
  'GET partner-central/calls': ({ query }, sandbox) =>
    answer(200, sandbox.partnerCentral.calls(query.get('account') ?? undefined)),
  'POST faults': (call, sandbox) => {
    const faults = [JSON.parse(call.body) as unknown].flat().map(parseFault);
    sandbox.faults.add(...faults);
    return answer(200, { added: faults.length });
  },
  'DELETE faults': (_, sandbox) => {
    sandbox.faults.clear();
    return answer(200, {});
  },
  'POST advance': (call, sandbox) => {
    sandbox.advance(JSON.parse(call.body) as Parameters<Sandbox['advance']>[0]);
    return answer(200, { now: sandbox.now().toISOString() });
  },
  'POST reset': (_, sandbox) => {
    sandbox.reset();
    return answer(200, {});
  },
};

function truth(call: Call, sandbox: Sandbox): Answer {
  const { query } = call;
  const one = (name: string) => query.get(name) ?? undefined;
  const many = (name: string) => (query.has(name) ? query.getAll(name).flatMap((text) => text.split(',')) : undefined);
  const dataset = one('dataset') ?? '';
  const profile = one('profile') ?? '';
  const options: SliceOptions = { asOf: one('asOf'), part: one('part'), states: many('state') };
  if (query.has('file')) {
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: sandbox.fileFor(dataset, profile, one('slice'), options),
    };
  }
  if (query.has('slice')) return answer(200, sandbox.truthFor(dataset, profile, one('slice'), options));
  return answer(
    200,
    sandbox.truth({
      datasets: many('dataset'),
      profiles: many('profile'),
      from: one('from'),
      to: one('to'),
      asOf: one('asOf'),
    }),
  );
}

function partnerTruth({ query }: Call, sandbox: Sandbox): Answer {
  const one = (name: string) => query.get(name) ?? undefined;
  const catalog = one('catalog');
  if (catalog !== undefined && !(CATALOGS as readonly string[]).includes(catalog)) {
    throw new RangeError(`There are the catalogs ${CATALOGS.join(' and ')}, not ${catalog}`);
  }
  const filter = { catalog: catalog as Catalog | undefined, account: one('account'), engagement: one('engagement') };
  return answer(200, sandbox.partnerCentral.truth(filter));
}
