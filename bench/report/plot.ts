import type { EntrantResult, ScenarioResult } from './results.js';
import { ratioOf } from './words.js';

const WIDTH = 860;
const LABELS = 250;
const RIGHT = 140;
const ROW = 18;
const TITLE = 30;
const TOP = 48;

/** Marks of the axis, which is logarithmic: peers lie between just above 1 and far above 10. */
const TICKS = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100];

/**
 * Bars of wall time over the limit's, scenario by scenario: an SVG that is readable on light and
 * dark pages. The limit is the line at 1.
 */
export function plot(scenarios: readonly ScenarioResult[]): string {
  const groups = scenarios.map((scenario) => ({
    title: scenario.title,
    bars: scenario.entrants
      .filter(({ name }) => name !== 'limit')
      .map((entrant) => ({ entrant, ratio: ratioOf(scenario, entrant) })),
  }));
  const ratios = groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio)).filter((ratio) => ratio !== undefined);
  const scale = axis(Math.max(2, ...ratios));
  let y = TOP;
  const drawn: string[] = [];
  for (const { title, bars } of groups) {
    drawn.push(`<text class="title" x="0" y="${y + 18}">${escaped(title)}</text>`);
    y += TITLE - 4;
    for (const { entrant, ratio } of bars) {
      drawn.push(bar(entrant, ratio, y, scale.x));
      y += ROW;
    }
    y += 4;
  }
  const height = y + 12;
  const lines = scale.ticks.map(
    (tick) =>
      `<line class="${tick === 1 ? 'limit' : 'grid'}" x1="${scale.x(tick)}" x2="${scale.x(tick)}" y1="${TOP - 8}" y2="${height - 8}"/>` +
      `<text class="tick" x="${scale.x(tick)}" y="${TOP - 14}">${tick === 1 ? '1 = plain DuckDB' : `${tick}×`}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>Wall time over that of plain DuckDB; less is better</title>
<style>${STYLE}</style>
<text class="title" x="0" y="16">Wall time over that of plain DuckDB, which checks nothing (logarithmic; less is better)</text>
${[...lines, ...drawn].join('\n')}
</svg>
`;
}

const STYLE = `
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f; }
.title { font-weight: 600; font-size: 13px; }
.name { text-anchor: end; }
.tick { text-anchor: middle; fill: #57606a; font-size: 11px; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.limit { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 4 3; }
.ours { fill: #0969da; }
.theirs { fill: #8c959f; }
.wrong { fill-opacity: 0.35; }
.ours.wrong { stroke: #0969da; }
.theirs.wrong { stroke: #8c959f; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .tick { fill: #9198a1; }
  .grid { stroke: #3d444d; }
  .limit { stroke: #f85149; }
  .ours { fill: #4493f8; }
  .theirs { fill: #7d8590; }
}
`;

/** Where a ratio lies, and the marks up to the greatest. */
function axis(greatest: number): { x(ratio: number): number; ticks: readonly number[] } {
  const last = TICKS.find((tick) => tick >= greatest) ?? greatest;
  const [from, to] = [Math.log(TICKS[0]!), Math.log(last)];
  const room = WIDTH - LABELS - RIGHT;
  const x = (ratio: number) =>
    Math.round(LABELS + (room * (Math.log(Math.max(ratio, TICKS[0]!)) - from)) / (to - from));
  return { x, ticks: TICKS.filter((tick) => tick <= last) };
}

function bar(entrant: EntrantResult, ratio: number | undefined, y: number, x: (ratio: number) => number): string {
  const name = `<text class="name" x="${LABELS - 8}" y="${y + 12}">${escaped(entrant.name)}</text>`;
  const isWrong = entrant.verdict !== undefined && !entrant.verdict.exact;
  const remark = isWrong
    ? ' wrong result'
    : entrant.figures?.remainingSeconds === undefined
      ? ''
      : ' after the last byte';
  if (ratio === undefined) {
    return `${name}<text x="${LABELS + 4}" y="${y + 12}">${entrant.failure ? 'failed' : 'not run'}</text>`;
  }
  const width = Math.max(1, x(ratio) - LABELS);
  const kind = `${entrant.who === 'millpond' ? 'ours' : 'theirs'}${isWrong ? ' wrong' : ''}`;
  return (
    `${name}<rect class="${kind}" x="${LABELS}" y="${y + 2}" width="${width}" height="${ROW - 5}" rx="2"/>` +
    `<text x="${LABELS + width + 5}" y="${y + 12}">${ratio.toFixed(2)}${remark}</text>`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
