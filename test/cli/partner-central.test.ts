// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration are written so
import fs from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { confirmed } from '../../src/cli/commands/partner-central/writing.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { madeOf, ownViews, Partner, partnerYaml } from '../support/partner-central.js';
import { millpond, testFolder } from './millpond.js';

const TEMPLATE = 'OpportunitySummaryView';

let sandbox: Sandbox;
let partner: Partner;
let cwd: string;
let views: ReturnType<typeof ownViews>;

beforeAll(async () => {
  sandbox = await startSandbox({
    profiles: 1,
    days: 3,
    partnerCentral: { jobSeconds: 0.05, quirks: false, quotas: { readPerSecond: 1000, writePerSecond: 1000 } },
  });
  partner = new Partner(sandbox);
  // Snapshots of resources that have no job behind them: what changes is left to us.
  const seen = new Set<string>();
  views = ownViews(sandbox).filter(({ resource }) => !seen.has(resource) && seen.add(resource));
  cwd = await testFolder();
  await fs.writeFile(
    path.join(cwd, 'millpond.yaml'),
    `version: 1
connections: { partners: ${partnerYaml(sandbox)} }
sinks: { warehouse: { sink: duckdb, path: ./warehouse.duckdb } }
pipelines: { daily: { datasets: [opportunities] } }
`,
  );
  await stopJobs();
});
afterAll(() => sandbox.close());

const call = (...args: string[]) => millpond(['partner-central', ...args], { cwd });
const json = async (...args: string[]) => {
  const { exit, stdout, stderr } = await call(...args, '--json');
  return { exit, stderr, answer: JSON.parse(stdout || 'null') };
};
const named = ({ engagement, resource }: (typeof views)[number]) => [
  ...['--engagement', engagement, '--resource', resource],
  ...['--template', TEMPLATE],
];

/** No job of the account runs any more. */
async function stopJobs(): Promise<void> {
  const { answer } = await json('job', 'list', '--status', 'Running');
  for (const { id } of answer as { id: string }[]) await call('job', 'stop', id, '--yes');
}

describe('snapshot create', () => {
  it('says what it would do and who would see it, and does it only when told', async () => {
    const view = views[0]!;
    await partner.changes(view.resource, 'call');
    sandbox.reset();
    const refused = await call('snapshot', 'create', ...named(view));
    expect(refused).toMatchObject({ exit: 2, stderr: expect.stringContaining('there is no terminal to ask on') });
    expect(sandbox.partnerCentral.calls()).toEqual({});

    const { companyName } = sandbox.partnerCentral.accounts[0];
    const shown = await call('snapshot', 'create', ...named(view), '--dry-run');
    expect(shown.exit).toBe(0);
    expect(shown.stdout).toContain(`Makes a snapshot of ${view.resource} in ${view.engagement}`);
    expect(shown.stdout).toMatch(
      new RegExp(`can never be deleted, and will be seen by \\d+ members?: .*${companyName}`),
    );
    expect(madeOf(sandbox, view)).toEqual([]);

    const { exit, answer } = await json('snapshot', 'create', ...named(view), '--yes');
    expect(exit).toBe(0);
    expect(answer).toMatchObject({
      outcome: 'made',
      revision: view.revisions + 1,
      seen_by: 'members',
      catalog: 'Sandbox',
    });
    expect(madeOf(sandbox, view)).toMatchObject([{ revision: answer.revision, clientToken: answer.client_token }]);
    expect((await json('snapshot', 'create', ...named(view), '--yes')).answer).toMatchObject({
      outcome: 'unchanged',
      revision: answer.revision,
    });
    expect(madeOf(sandbox, view)).toHaveLength(1);
  });

  it.each([
    ['a wrong engagement', ['--engagement', 'eng-1'], /expected an engagement such as eng-/],
    ['an unknown template', ['--template', 'Opportunity'], /Allowed choices are OpportunitySummaryView/],
    ['an unknown connection', ['--connection', 'partner'], /Did you mean partners/],
    ['tags', ['--tag', 'a=b'], /A snapshot takes no tags/],
  ])('refuses %s', async (_, args, expected) => {
    const { exit, stderr } = await call('snapshot', 'create', ...named(views[0]!), ...args, '--dry-run');
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringMatching(expected) });
  });
});

it.each([
  ['y\n', true],
  ['Yes\n', true],
  ['n\n', false],
  ['\n', false],
  ['yo\n', false],
  ['', false],
])('%j on a terminal means %s', async (typed, expected) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answer = confirmed({ input, output }, new AbortController().signal);
  input.end(typed);
  expect(await answer).toBe(expected);
  expect(String(output.read())).toContain('Do it? [y/N]');
});

describe('job', () => {
  it('is made, listed, shown, started, waited for, stopped and deleted', async () => {
    const view = ownViews(sandbox).at(-1)!;
    for (const { id } of (await json('job', 'list', '--engagement', view.engagement)).answer as { id: string }[]) {
      const { answer } = await json('job', 'get', id);
      if (answer.resource_id === view.resource) await call('job', 'delete', id, '--yes');
    }
    const made = await json('job', 'create', ...named(view), '--tag', 'team=sales', '--yes');
    expect(made.answer).toMatchObject({ outcome: 'made', status: 'Stopped', tags: { team: 'sales' } });
    const { id } = made.answer as { id: string };
    expect((await json('job', 'list', '--status', 'Stopped')).answer).toContainEqual(
      expect.objectContaining({ id, engagement_id: view.engagement }),
    );
    expect(await call('job', 'wait', id, '--deadline', '0s')).toMatchObject({
      exit: 75,
      stderr: expect.stringContaining(`job start ${id}`),
    });
    expect((await call('job', 'start', id, '--dry-run')).stdout).toMatch(
      /AWS makes a snapshot of .* whenever it changes/,
    );
    expect((await json('job', 'start', id, '--yes')).answer).toMatchObject({ outcome: 'started', status: 'Running' });
    expect(await json('job', 'wait', id, '--deadline', '5s')).toMatchObject({
      exit: 0,
      answer: { outcome: 'succeeded', id, last_successful_execution_date: expect.any(String) },
    });
    expect(await call('job', 'delete', id, '--yes')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining(`job stop ${id}`),
    });
    expect((await json('job', 'stop', id, '--yes')).answer).toMatchObject({ outcome: 'stopped', status: 'Stopped' });
    expect((await call('job', 'delete', id, '--yes')).stdout).toBe(`Deleted ${id}.\n`);
    expect(await call('job', 'get', id)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('E_RESOURCE_NOT_FOUND'),
    });
  });

  it('is no longer waited for after Ctrl-C', async () => {
    const [job] = (await json('job', 'list')).answer as { id: string }[];
    const ended = call('job', 'wait', job!.id);
    setTimeout(() => process.emit('SIGINT'), 300);
    expect((await ended).exit).toBe(130);
  });
});

it('policy prints a policy without secret or network', async () => {
  sandbox.reset();
  const file = path.join(cwd, 'secret.yaml');
  const { secretAccessKey } = sandbox.partnerCentral.accounts[0];
  const text = await fs.readFile(path.join(cwd, 'millpond.yaml'), 'utf8');
  await fs.writeFile(file, text.replace(`"${secretAccessKey}"`, '"${env:NOT_SET_ANYWHERE}"'));
  const { exit, stdout } = await millpond(['partner-central', 'policy', '--config', file], { cwd });
  expect(exit).toBe(0);
  const { Statement } = JSON.parse(stdout) as { Statement: { Action: string[]; Condition: unknown }[] };
  expect(Statement.flatMap(({ Action }) => Action)).toEqual([
    'partnercentral:ListOpportunities',
    'partnercentral:GetOpportunity',
  ]);
  expect(Statement[0]!.Condition).toEqual({ StringEquals: { 'partnercentral:Catalog': 'Sandbox' } });
  const byHand = JSON.parse((await call('policy', '--by-hand', '--json')).stdout) as {
    Statement: { Action: string[] }[];
  };
  expect(byHand.Statement.flatMap(({ Action }) => Action)).toContain('partnercentral:StopResourceSnapshotJob');
  expect(sandbox.partnerCentral.calls()).toEqual({});
});
