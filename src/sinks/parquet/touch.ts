import { randomUUID } from 'node:crypto';
import { crashPoint } from '../../base/crash-points.js';
import { MillpondError } from '../../base/errors.js';
import { type Committed, type Ctx, formatSliceKey, type SliceTouch } from '../../contracts/index.js';
import type { Builder } from './build.js';
import { readFiles } from './ddl.js';
import { type Footer, type FooterSlice, footerOption } from './footer.js';
import type { LakeFile } from './lake-index.js';
import { absolute } from './paths.js';
import { isOlder, type PendingFile, type Unit } from './unit.js';
import { writePending } from './write-file.js';

/**
 * Moves `as of` of slices of one file. The footer is part of the file, so the file is copied from
 * itself with another footer: data and ledger stay one rename. Current state keeps the slice it was
 * written for.
 * @throws MillpondError `E_BUG` for a touch of what is not held.
 */
export async function buildTouch(
  builder: Builder,
  touches: readonly SliceTouch[],
  held: LakeFile | undefined,
  ctx: Ctx,
): Promise<Unit> {
  if (!held) {
    const [touch] = touches as [SliceTouch];
    throw new MillpondError('E_BUG', `${formatSliceKey(touch.key)} was touched but is not held in ${builder.root}`, {
      at: { ...touch.key },
    });
  }
  const slices = new Map(held.footer.slices.map((slice) => [slice.slice, slice] as const));
  const results = touches.map((touch) => move(touch, held.footer, slices));
  const footer: Footer = { ...held.footer, id: randomUUID(), slices: [...slices.values()] };
  const files: PendingFile[] = [];
  if (JSON.stringify(footer.slices) !== JSON.stringify(held.footer.slices)) {
    const query = `SELECT * FROM ${readFiles([absolute(builder.root, held.file)])}`;
    const pending = await builder.bench.use(ctx.signal, (database) =>
      writePending(database, builder.root, held.file, query, [footerOption(footer)]),
    );
    crashPoint('parquet.data.written');
    files.push({ temporary: pending.temporary, file: held.file, footer });
  }
  return {
    writes: touches,
    results,
    bases: new Map([[held.file, held.footer.id]]),
    replaces: [],
    rejects: [],
    files,
  };
}

/** Moves one slice in `slices`, and says what became of it. */
function move(touch: SliceTouch, footer: Footer, slices: Map<string, FooterSlice>): Committed {
  const old = footer.current_state ? [...slices.values()][0]! : slices.get(touch.key.slice)!;
  const { rows, rejects } = old;
  if (isOlder(touch.asOf, old.as_of)) return { key: touch.key, result: 'superseded', rows, rejects };
  slices.set(old.slice, { ...old, as_of: touch.asOf, final: touch.final });
  return { key: touch.key, result: 'unchanged', rows, rejects };
}
