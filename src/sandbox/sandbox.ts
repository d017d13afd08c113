import { answerApi, answerStorage, nameOf, type Parts } from './api.js';
import { Clock } from './clock.js';
import { control, isControl } from './control.js';
import { Faults } from './faults.js';
import { type Answer, type Call, CUT, type Handler, Origin } from './http.js';
import { Jobs } from './jobs.js';
import { Pace } from './pace.js';
import { SANDBOX_AWS_ACCOUNTS } from './partner-central/identities.js';
import { PartnerCentral } from './partner-central/service.js';
import { truthOf } from './partner-central/truth.js';
import { type Notes, Recorder } from './recorder.js';
import { routeOf } from './routes.js';
import { Storage } from './storage.js';
import { TokenDesk } from './token.js';
import { Oracle } from './truth.js';
import type { RecordedRequest, Sandbox, SandboxOptions } from './types.js';
import { World } from './world.js';

/** What the sandbox accepts unless told otherwise; public, so no secret at all. */
export const SANDBOX_CREDENTIALS = {
  clientId: 'amzn1.application-oa2-client.sandbox',
  clientSecret: 'sandbox-client-secret',
  refreshToken: 'Atzr|sandbox-refresh-token',
} as const;

/**
 * Starts an offline double of every source on loopback. Amazon Ads: token endpoint, profiles, v2
 * snapshots and reports on one port, the storage that its links lead to on another. AWS Partner
 * Central Selling, with AWS STS, on a third.
 * @throws the system's error where a port is taken.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const seed = options.seed ?? 1;
  const clock = new Clock(options.now);
  const { clientId, clientSecret, refreshToken } = { ...SANDBOX_CREDENTIALS, ...defined(options) };
  const days = options.days ?? 60;
  const world = new World({
    seed,
    profiles: options.profiles ?? 8,
    rows: options.rows ?? 50,
    days,
    start: clock.now(),
  });
  const oracle = new Oracle(world, () => clock.now());
  const tokens = new TokenDesk({ clientId, clientSecret, refreshToken }, clock, options.tokenSeconds ?? 3600);
  const jobs = new Jobs(clock, options.jobSeconds ?? 0.2);
  const storage = new Storage(clock, options.linkSeconds ?? 30);
  const faults = new Faults(seed);
  const recorder = new Recorder();
  const partnerCentral = new PartnerCentral(options.partnerCentral ?? {}, seed, days, clock, faults);
  let api: Origin;
  let download: Origin;
  const parts: Parts = {
    ...{ clock, world, oracle, tokens, jobs, storage, faults, clientId },
    pace: options.requestsPerSecond === undefined ? null : new Pace(options.requestsPerSecond),
    apiUrl: () => `http://${api.host}`,
    downloadHost: () => download.host,
  };

  const recorded = async (
    origin: RecordedRequest['origin'],
    route: string,
    call: Call,
    work: (notes: Notes) => Promise<Answer | typeof CUT>,
  ) => {
    const notes: Notes = { fault: null, jobId: null, profileId: null, accountId: null };
    const at = clock.now();
    const answer = await work(notes);
    recorder.add(origin, route, call, answer === CUT ? null : answer.status, notes, at);
    return answer;
  };
  // Each port is the one after the one before, unless it is named or any will do.
  const port = options.port ?? 0;
  const opened: Origin[] = [];
  const open = async (asked: number | undefined, place: number, handler: Handler) => {
    const origin = await Origin.listen(asked ?? (port ? port + place : 0), handler);
    opened.push(origin);
    return origin;
  };
  let partners: Origin;
  try {
    api = await open(port, 0, async (call) => {
      if (isControl(call.path)) return control(call, sandbox);
      const route = routeOf(call.method, call.path);
      return recorded('api', nameOf(route), call, (notes) => answerApi(call, route, parts, notes));
    });
    download = await open(options.downloadPort, 1, (call) =>
      recorded('s3', 's3', call, (notes) => answerStorage(call, parts, notes)),
    );
    partners = await open(options.partnerCentralPort, 2, async (call) => {
      if (isControl(call.path)) return control(call, sandbox);
      const answer = (notes: Notes) => partnerCentral.answer(call, notes);
      return recorded('partner-central', partnerCentral.nameOf(call), call, answer);
    });
  } catch (error) {
    await Promise.all(opened.map((origin) => origin.close()));
    throw error;
  }

  const sandbox: Sandbox = {
    apiUrl: `http://${api.host}`,
    tokenUrl: `http://${api.host}/auth/o2/token`,
    downloadHost: download.host,
    partnerCentralUrl: `http://${partners.host}`,
    partnerCentral: {
      url: `http://${partners.host}`,
      accounts: SANDBOX_AWS_ACCOUNTS,
      truth: (filter = {}) => truthOf(partnerCentral.states, clock, filter),
      calls: (account) => partnerCentral.callsOf(account),
    },
    ...{ clientId, clientSecret, refreshToken },
    profiles: world.profiles,
    now: () => clock.now(),
    truth: (filter) => oracle.truth(filter),
    truthFor: (...asked) => oracle.slice(...asked),
    fileFor: (...asked) => oracle.file(...asked),
    advance(by) {
      const { ms = 0, seconds = 0, days = 0 } = typeof by === 'number' ? { ms: by } : by;
      clock.advance(ms + seconds * 1000 + days * 86_400_000);
    },
    faults: { add: (...added) => faults.add(...added), clear: () => faults.clear() },
    requests: recorder.requests,
    get jobs() {
      return jobs.all.map((job) => job.record());
    },
    stats: () => ({
      requests: recorder.total,
      tokens: tokens.issued,
      jobsCreated: jobs.created,
      duplicateJobs: jobs.duplicates,
      statusCalls: recorder.statusCalls,
      redirects: recorder.redirects,
      downloads: storage.downloads,
      credentialLeaks: storage.leaks,
      refused: recorder.refused,
      faults: faults.struck,
    }),
    reset() {
      faults.clear();
      faults.struck = 0;
      recorder.reset();
      jobs.resetCounts();
      storage.downloads = 0;
      storage.leaks = 0;
      tokens.issued = 0;
      partnerCentral.calls.clear();
    },
    async close() {
      await Promise.all(opened.map((origin) => origin.close()));
      await jobs.close();
    },
  };
  return sandbox;
}

/** The credentials among the options that are given. */
function defined(options: SandboxOptions): Partial<typeof SANDBOX_CREDENTIALS> {
  const given = Object.entries(options).filter(([name, value]) => name in SANDBOX_CREDENTIALS && value !== undefined);
  return Object.fromEntries(given);
}
