import fs from 'node:fs/promises';
import { z } from 'zod';
import { MillpondError, systemCode } from '../../base/errors.js';
import { writeFileAtomic } from '../../base/files.js';
import { FORMAT } from './footer.js';
import { makeFolder } from './open.js';
import { ownPaths } from './paths.js';

const metaSchema = z.looseObject({ format: z.number().int() });

/**
 * The lake's format number, or undefined where there is none yet.
 * @throws MillpondError `E_FORMAT_NEWER`; `E_WAREHOUSE_CORRUPT` where the file makes no sense.
 */
export async function readFormat(root: string): Promise<number | undefined> {
  const file = ownPaths(root).meta;
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
  let format: number;
  try {
    format = metaSchema.parse(JSON.parse(text)).format;
  } catch (error) {
    throw new MillpondError('E_WAREHOUSE_CORRUPT', `${file} does not say which format the lake has`, {
      cause: error,
      at: { path: file },
      hint: 'Remove the file if the lake is yours: it is written anew, and the footers hold all that counts.',
    });
  }
  if (format > FORMAT) throw newer(root, format);
  return format;
}

/** Brings a lake to this format, under the lock, before the first write. Format 1 is the first. */
export async function migrateLake(root: string): Promise<void> {
  if ((await readFormat(root)) === FORMAT) return;
  await makeFolder(root);
  await writeFileAtomic(ownPaths(root).meta, `${JSON.stringify({ format: FORMAT })}\n`);
}

/** What is said of a lake, or a file in it, that a later Millpond wrote. */
export function newer(where: string, format: number): MillpondError {
  return new MillpondError('E_FORMAT_NEWER', `${where} has format ${format}; this Millpond knows up to ${FORMAT}`, {
    at: { path: where, format },
  });
}
