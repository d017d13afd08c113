import { describe, expect, it } from 'vitest';
import type { Artifact, Ask, LedgerSlice, Table } from '../../src/contracts/index.js';
import { isUnchanged } from '../../src/pipelines/commit-slices.js';

type Env = Parameters<typeof isUnchanged>[0];
type Selected = Parameters<typeof isUnchanged>[1];

const key = { dataset: 'd', scope: '', slice: 's' };

/** Artifacts by the hash of their content, a minute apart. */
const artifacts = (...contents: string[]) =>
  contents.map((contentSha256, i) => ({ contentSha256, asOf: `2026-11-01T00:0${i}:00Z` }));

/** Whether what came is what a sink holds. */
function unchanged(mode: Table['mode'], held: readonly string[], came: readonly string[], fingerprint = 'f'): boolean {
  const slice = { ...key, requestFingerprint: 'f', artifacts: artifacts(...held) } as unknown as LedgerSlice;
  const env = { reload: false, sinks: [{ state: { held: () => slice } }] } as unknown as Env;
  const request = { tables: [{ mode }], slicing: { kind: 'date' } };
  const selected = { request, requestFingerprint: fingerprint } as unknown as Selected;
  return isUnchanged(env, selected, { slices: [key] } as unknown as Ask, artifacts(...came) as unknown as Artifact[]);
}

describe('what landed is what is held', () => {
  it('where its parts have the same content, in whatever order', () => {
    expect(unchanged('replace', ['a', 'b'], ['b', 'a'])).toBe(true);
    expect(unchanged('replace', ['a', 'b'], ['a'])).toBe(false);
    expect(unchanged('replace', ['a'], ['a'], 'other words')).toBe(false);
  });

  it('of a slice that grows, where all of it came before and nothing else since', () => {
    expect(unchanged('append', ['a', 'b'], ['b'])).toBe(true);
    expect(unchanged('append', ['a', 'b'], ['a'])).toBe(false);
    expect(unchanged('append', ['a', 'z'], ['b', 'z'])).toBe(false);
    expect(unchanged('append', ['a', 'z'], ['z', 'b'])).toBe(false);
    expect(unchanged('append', ['b', 'a'], ['b', 'a'])).toBe(true);
  });
});
