import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ended, millpond, spawned, start, testFolder, yamlFor } from './millpond.js';

const cwd = await testFolder();
await fs.writeFile(path.join(cwd, 'good.yaml'), yamlFor('./warehouse.duckdb'));
const COMMANDS = 'init check datasets plan run status rejects verify sql export schedule sandbox demo'.split(' ');

describe('help', () => {
  it('names every command and every exit code', async () => {
    const { exit, stdout, stderr } = await spawned(['--help'], { cwd });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    for (const code of [0, 1, 2, 75, 130]) expect(stdout).toMatch(new RegExp(`^  ${code} `, 'm'));
  });

  it.each(COMMANDS)('of %s teaches by example', async (command) => {
    const { exit, stdout } = await millpond([command, '--help'], { cwd });
    expect(exit).toBe(0);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain(`$ millpond ${command === 'init' ? '' : command}`);
    expect(stdout).toContain('--config <file>');
  });

  it('prints the version of the package', async () => {
    const { version } = JSON.parse(await fs.readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await millpond(['--version'], { cwd })).toEqual({ exit: 0, stdout: `${version}\n`, stderr: '' });
  });
});

/** Prints the address of every module that is loaded. */
const TELLING_LOADER = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export async function resolve(name, context, next) {
      const found = await next(name, context);
      process._rawDebug('loaded ' + found.url);
      return found;
    }\`));`)}`;

it('loads nothing for help but the command line itself', async () => {
  const { stdout, stderr } = await spawned(['--help'], { cwd, env: { NODE_OPTIONS: `--import ${TELLING_LOADER}` } });
  expect(stdout).toContain('Usage: millpond');
  const loaded = [...stderr.matchAll(/^loaded (.*)$/gm)].map((match) => match[1]!);
  expect(loaded.filter((url) => url.includes('/dist/cli/')).length).toBeGreaterThan(10);
  const packages = loaded.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
  expect(new Set(packages)).toEqual(new Set(['commander']));
  expect(loaded.filter((url) => /\/dist\/(config|queries|pipelines|sinks|connectors|sandbox)\//.test(url))).toEqual([]);
});

describe('a wrong call ends with 2 and the nearest right one', () => {
  it.each([
    [['rnu'], "unknown command 'rnu'", 'Did you mean run?'],
    [['run', '--relod'], "unknown option '--relod'", 'Did you mean --reload?'],
    [['--confg', 'x', 'run'], "unknown option '--confg'", 'Did you mean --config?'],
    [['backfill'], "unknown command 'backfill'", 'millpond --help'],
    [['sql'], "missing required argument 'query'", ''],
    [['sql', 'SELECT 1', '--format', 'xml'], 'table, json, ndjson, csv', ''],
    [['run', '--from', '2026-02-30'], '2026-10-01', ''],
    [['run', '--lock-wait', 'soon'], '5s, 2m or 6h', ''],
    [['export', 'SELECT 1'], '--to', ''],
  ])('%j', async (args, message, hint) => {
    const { exit, stdout, stderr } = await millpond(args, { cwd });
    expect(exit).toBe(2);
    expect(stdout).toBe('');
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^error\[E_USAGE\]: /);
    expect(lines[0]).toContain(message);
    expect(lines[1]).toMatch(/^hint: /);
    expect(lines[1]).toContain(hint);
  });

  it('in JSON where that is asked for', async () => {
    const { exit, stdout, stderr } = await spawned(['statsu', '--json'], { cwd });
    expect(exit).toBe(2);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'E_USAGE', message: "unknown command 'statsu'", hint: 'Did you mean status?', at: {} },
    });
  });

  it('prints help without any command', async () => {
    const { exit, stdout, stderr } = await millpond([], { cwd });
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toContain('Usage: millpond');
  });
});

describe('a configuration that is not there', () => {
  it.each([
    [['--config', 'none.yaml', 'status']],
    [['status', '--config', 'none.yaml']],
    [['status', '-c', 'none.yaml']],
  ])('%j', async (args) => {
    expect(await millpond(args, { cwd })).toEqual({
      exit: 2,
      stdout: '',
      stderr: `error[E_CONFIG_MISSING]: There is no configuration none.yaml\nhint: Write one with \`millpond init\`, or name it with --config.\n`,
    });
  });

  it('is the default one where none is named', async () => {
    expect((await millpond(['plan'], { cwd })).stderr).toContain('./millpond.yaml');
  });

  it('shows where it happened under MILLPOND_DEBUG only', async () => {
    const { stderr } = await millpond(['status'], { cwd, env: { MILLPOND_DEBUG: '1' } });
    expect(stderr).toMatch(/^ {4}at /m);
  });

  it.each([
    [['run', '--json'], 'E_CONFIG_MISSING'],
    [['run', '--json', '--relod'], 'E_USAGE'],
    [['run', '--json', '--config', 'good.yaml', 'nightly'], 'E_NOT_FOUND'],
    [['run', '--json', '--config', 'good.yaml'], 'E_SECRET_MISSING'],
  ])('leaves a whole summary as the last line of %j', async (args, code) => {
    const { exit, stdout } = await millpond(args, { cwd });
    expect(exit).toBe(2);
    const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
    expect(summary).toMatchObject({
      status: 'failed',
      slices: { committed: 0 },
      jobs: { requested: 0 },
      errors: [{ code, hint: expect.any(String) }],
      errors_total: 1,
    });
  });
});

describe('init', () => {
  it('writes a file once, and again only by force', async () => {
    const file = path.join(cwd, 'new.yaml');
    expect(await millpond(['init', '-c', 'new.yaml'], { cwd })).toMatchObject({ exit: 0, stdout: 'Wrote new.yaml\n' });
    await fs.writeFile(file, 'mine');
    expect(await millpond(['init', '-c', 'new.yaml'], { cwd })).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('--force'),
    });
    expect(await fs.readFile(file, 'utf8')).toBe('mine');
    expect(await millpond(['init', '-c', 'new.yaml', '--force', '--sandbox', '-q'], { cwd })).toMatchObject({
      exit: 0,
      stderr: '',
    });
    expect(await fs.readFile(file, 'utf8')).toContain('connector: amazon-ads');
  });

  it.each([[[]], [['--sandbox']]])('writes what check --offline accepts: %j', async (flags) => {
    await millpond(['init', '-c', 'checked.yaml', '--force', ...flags], { cwd });
    const { exit, stdout } = await millpond(['check', '--offline', '-c', 'checked.yaml'], { cwd });
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^✓ configuration: .*checked\.yaml: \d connections?, /);
    expect(stdout).toMatch(/^! retired: .*switched off on 20\d\d-\d\d-\d\d\n {2}→ Use .+ instead\./m);
  });
});

describe('datasets', () => {
  it('needs no configuration, and says what was switched off', async () => {
    const { exit, stdout } = await millpond(['datasets', 'sp_campaigns_report_v2', 'profiles', '--json'], { cwd });
    expect(exit).toBe(0);
    const [profiles, campaigns] = JSON.parse(stdout);
    expect(profiles).toMatchObject({ name: 'profiles', state: { kind: 'alive' } });
    expect(campaigns).toMatchObject({
      name: 'sp_campaigns_report_v2',
      state: { kind: 'retired', since: expect.stringMatching(/^\d{4}-/), successor: expect.any(String) },
      slicing: { kind: 'day' },
    });
    expect(campaigns.tables[0].key).toContain('_profile_id');
    expect(campaigns.tables[0].columns).toContainEqual(
      expect.objectContaining({ name: 'campaign_id', type: 'BIGINT', source: 'campaignId' }),
    );
  });

  it('answers a wrong name with the nearest right one', async () => {
    expect(await millpond(['datasets', 'sp_campain_report_v2'], { cwd })).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('Did you mean sp_campaigns_report_v2?'),
    });
  });
});

describe('schedule', () => {
  it('has nothing to wait for without a schedule', async () => {
    expect(await millpond(['schedule', '-c', 'good.yaml'], { cwd })).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('error[E_CONFIG]: No pipeline has a schedule'),
    });
  });

  it('waits for its time, and stops within three seconds when it is told to', async () => {
    const yaml = yamlFor('./warehouse.duckdb').replace(
      'datasets: [profiles]',
      'schedule: { cron: "0 0 1 1 *", timezone: UTC }, datasets: [profiles]',
    );
    await fs.writeFile(path.join(cwd, 'scheduled.yaml'), yaml);
    const child = start(['schedule', '-c', 'scheduled.yaml'], cwd);
    const end = ended(child);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(child.exitCode).toBeNull();
    const asked = performance.now();
    child.kill('SIGTERM');
    expect(await end).toMatchObject({ exit: 130, stderr: expect.stringMatching(/^Stopped/) });
    expect(performance.now() - asked).toBeLessThan(3000);
  });
});
