import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildContestants } from '../../bench/build.js';
import { CHECKS, expectedOf } from '../../bench/inputs/checks.js';
import { inputFile } from '../../bench/inputs/files.js';
import { judgeTargets, median } from '../../bench/measure/figures.js';
import { type PlayOptions, play } from '../../bench/measure/play.js';
import { validate } from '../../bench/measure/validate.js';
import { printed, withResults } from '../../bench/report/page.js';
import { plot } from '../../bench/report/plot.js';
import { keepResult, newestResults, type ScenarioResult } from '../../bench/report/results.js';
import { SCENARIOS } from '../../bench/scenarios.js';
import { queryFile } from '../support/workspace.js';

const SIZES = { report: 2000, bigReport: 2000, files: 3, rowsPerFile: 500, held: 2, entities: 500 };
const MACHINE = { cpu: 'a CPU', cores: 2, memoryGiB: 4, system: 'any', node: '20', duckdb: '1' };

let folder: string;
let options: PlayOptions;

beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-bench-test-'));
  options = { sizes: SIZES, runs: 1, warmUps: 0, peers: false, workFolder: folder, dataFolder: folder, tell() {} };
  buildContestants();
});
afterAll(() => fs.rm(folder, { recursive: true, force: true }));

const scenario = (name: string) => SCENARIOS.find((one) => one.name === name)!;
const entrant = (result: ScenarioResult, name: string) => result.entrants.find((one) => one.name === name)!;

describe('a scenario, tiny', () => {
  let result: ScenarioResult;
  beforeAll(async () => {
    const { entrants, ...bad } = scenario('bad-12');
    const chosen = ['Millpond', 'limit', 'DuckDB, ignore_errors'];
    result = await play({ ...bad, entrants: entrants.filter(({ name }) => chosen.includes(name)) }, options);
  });

  it('Millpond and the limit are exact, and measured', () => {
    for (const name of ['Millpond', 'limit']) {
      const { figures, verdict, failure } = entrant(result, name);
      expect({ name, failure, differences: verdict?.differences }).toEqual({
        name,
        failure: undefined,
        differences: [],
      });
      expect(figures!.seconds).toBeGreaterThan(0);
      expect(figures!.cpuSeconds).toBeGreaterThan(0);
      expect(figures!.peakMiB).toBeGreaterThan(20);
    }
    expect(entrant(result, 'Millpond').figures!.loopDelay).toBeDefined();
  });

  it('a program that turns bad cells into NULL is told to be wrong', () => {
    const { figures, verdict } = entrant(result, 'DuckDB, ignore_errors');
    expect(figures).toBeDefined();
    expect(verdict!.exact).toBe(false);
    expect(verdict!.differences.join()).toContain('rows: 2000 instead of 1760');
    expect(printed(result)).toContain('wrong: rows: 2000');
    expect(plot([result])).toContain('wrong result');
  });

  it('results are kept by scenario, and printed between the marks of the page', async () => {
    const results = path.join(folder, 'results');
    keepResult({ ...result, name: 'duckdb-1m', title: 'another' }, MACHINE, results);
    keepResult(result, MACHINE, results);
    keepResult({ ...result, title: 'taken again' }, MACHINE, results);
    const newest = newestResults(results)!;
    expect(newest.scenarios.map(({ title }) => title)).toEqual(['another', 'taken again']);
    const page = await fs.readFile('docs/performance.md', 'utf8');
    const once = withResults(page, newest);
    expect(withResults(once, newest)).toBe(once);
    expect(once).toContain('### taken again');
    expect(once.split('\n## ').length).toBe(page.split('\n## ').length);
  });
});

describe('recounting', () => {
  it('notices ids that went through a double, and money that was rounded', async () => {
    const content = { kind: 'report', rows: 200, part: 0, version: 0, date: '2020-01-01', badPercent: 0 } as const;
    const file = await inputFile(content, folder);
    const rows = `read_json('${file.path}', format='array', columns={"keywordId": 'BIGINT', impressions: 'BIGINT',
      clicks: 'BIGINT', cost: 'DECIMAL(18,6)', "attributedSales14d": 'DECIMAL(18,6)'})`;
    const differencesOf = async (select: string) => {
      const glob = path.join(folder, 'look.parquet');
      await queryFile(':memory:', `COPY (${select} FROM ${rows}) TO '${glob}'`);
      const found = await validate({ loaded: { glob } }, 'report', expectedOf([file]), 0);
      return found.differences.map((difference) => difference.split(':')[0]);
    };
    expect(await differencesOf('SELECT *')).toEqual([]);
    expect(await differencesOf('SELECT * REPLACE ("keywordId"::DOUBLE AS "keywordId")')).toEqual([
      'sum of ids',
      'an id above 2^53',
    ]);
    expect(await differencesOf('SELECT * REPLACE (round(cost) AS cost)')).toEqual(['cost']);
    expect(CHECKS.report.map(({ name }) => name)).toEqual(Object.keys(expectedOf([file])));
  });
});

describe('figures', () => {
  const figures = (seconds: number) => ({ runs: 1, seconds, cpuSeconds: 1, peakMiB: 1, wall: [seconds] });
  const target = { text: '', of: 'seconds', entrant: 'a', against: 'b', atMost: 1 } as const;

  it('medians', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([undefined])).toBeUndefined();
  });

  it.each([
    ['met', 2, true, true],
    ['too slow', 2.1, true, false],
    ['quick, but wrong', 1, false, false],
  ])('a target: %s', (_, seconds, isExact, met) => {
    const found = new Map([
      ['a', { figures: figures(seconds), isExact }],
      ['b', { figures: figures(2), isExact: true }],
    ]);
    expect(judgeTargets({ targets: [target] }, found)[0]!.met).toBe(met);
  });
});
