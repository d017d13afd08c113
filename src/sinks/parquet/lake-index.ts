import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../base/errors.js';
import type { Ctx, SliceKey } from '../../contracts/index.js';
import { type Footer, type FooterRead, readFooters } from './footer.js';
import { newer } from './migrations.js';
import type { Workbench } from './open.js';
import { absolute, folderName, hiveValue, OWN_FOLDER } from './paths.js';

/** A file of the lake that counts. */
export interface LakeFile {
  /** Relative to the lake, with `/`. */
  readonly file: string;
  readonly footer: Footer;
  /** Only so many rows count: the commit that added the others never came to its end. */
  readonly firstRows?: number;
}

/** A Parquet file in the folder of a table that does not count. */
export interface StrayFile {
  /** Relative to the lake, with `/`. */
  readonly file: string;
  readonly why: string;
}

interface Entry {
  /** Changes with the file: inode, size, times. */
  readonly stamp: string;
  readonly read: FooterRead;
}

/**
 * The footers of a lake, remembered while their files do not change. Only a memory: the files
 * are looked at each time, so that another process's commits are seen at once.
 */
export class LakeIndex {
  readonly #root: string;
  readonly #bench: Workbench;
  readonly #entries = new Map<string, Entry>();
  readonly #told = new Set<string>();
  /** Columns of footers: the files of a table mostly have the same, and then share one list. */
  readonly #columns = new Map<string, Footer['columns']>();

  constructor(root: string, bench: Workbench) {
    this.#root = root;
    this.#bench = bench;
  }

  /**
   * The files of these tables (absent: of all) whose footers count. What is damaged or foreign
   * is left out, with a warning that names it.
   * @throws MillpondError `E_FORMAT_NEWER` where a newer Millpond wrote one of them.
   */
  async files(tables: readonly string[] | undefined, ctx: Ctx): Promise<LakeFile[]> {
    const folders = tables ?? (await this.#tables());
    const listed = await Promise.all(folders.map((folder) => this.#list(folder)));
    return this.read(listed.flat(), ctx);
  }

  /** The same for the files below one folder of the lake. */
  async below(folder: string, ctx: Ctx): Promise<LakeFile[]> {
    return this.read(await this.#list(folder), ctx);
  }

  /** The same for files that are named; what is not there is left out. */
  async read(files: readonly string[], ctx: Ctx): Promise<LakeFile[]> {
    const stamps = new Map<string, string>();
    await Promise.all(
      files.map(async (file) => {
        const stamp = await stampOf(absolute(this.#root, file));
        if (stamp !== undefined) stamps.set(file, stamp);
      }),
    );
    const changed = [...stamps].filter(([file, stamp]) => this.#entries.get(file)?.stamp !== stamp);
    if (changed.length > 0) await this.#learn(changed, ctx);
    return [...stamps.keys()].flatMap((file) => {
      const read = this.#entries.get(file)?.read;
      if (read?.kind === 'newer') throw newer(absolute(this.#root, file), read.format);
      return read?.kind === 'ours' ? [{ file, footer: read.footer }] : [];
    });
  }

  /** What stands in the folders of these tables and does not count, with the reason. */
  async strays(tables: readonly string[], ctx: Ctx): Promise<StrayFile[]> {
    const files = (await Promise.all(tables.map((folder) => this.#list(folder)))).flat();
    const counting = new Set((await this.read(files, ctx)).map(({ file }) => file));
    return files
      .filter((file) => !counting.has(file))
      .map((file) => {
        const read = this.#entries.get(file)?.read;
        return { file, why: read?.kind === 'damaged' ? read.reason : 'it was not written here by Millpond' };
      });
  }

  /** Whether every Parquet file was read well when it was last looked at. */
  get sound(): boolean {
    return [...this.#entries.values()].every((entry) => entry.read.kind !== 'damaged');
  }

  /**
   * The file that holds the slice's row of the ledger, wherever its layout put it; failing that,
   * the scope's current state, which can be of an earlier day.
   */
  async holding(key: SliceKey, ctx: Ctx): Promise<LakeFile | undefined> {
    const table = folderName(key.dataset);
    const ending = `=${hiveValue(key.scope)}`;
    const scopes = (await entriesOf(absolute(this.#root, table))).filter((name) => name.endsWith(ending));
    const listed = await Promise.all(scopes.map((scope) => this.#list(`${table}/${scope}`)));
    const files = (await this.read(listed.flat(), ctx)).filter(({ footer }) => footer.ledger);
    return (
      files.find(({ footer }) => footer.slices.some((held) => held.slice === key.slice)) ??
      files.find(({ footer }) => footer.current_state)
    );
  }

  async #learn(changed: readonly (readonly [string, string])[], ctx: Ctx): Promise<void> {
    const names = changed.map(([file]) => absolute(this.#root, file));
    const reads = await this.#bench.use(ctx.signal, (database) => readFooters(database, names));
    for (const [file, stamp] of changed) {
      const name = absolute(this.#root, file);
      const read = this.#sharing(misplaced(reads.get(name)!, file));
      this.#entries.set(file, { stamp, read });
      if (read.kind !== 'damaged' && read.kind !== 'foreign') continue;
      // Vanished between the look and the reading: nothing to tell.
      if ((await stampOf(name)) === undefined) {
        this.#entries.delete(file);
      } else if (!this.#told.has(`${file} ${stamp}`)) {
        this.#told.add(`${file} ${stamp}`);
        const why = read.kind === 'damaged' ? `cannot be read (${read.reason})` : 'was not written here by Millpond';
        ctx.log.warn(`${name} ${why}; it is left out`, { path: name });
      }
    }
  }

  #sharing(read: FooterRead): FooterRead {
    if (read.kind !== 'ours') return read;
    const { footer } = read;
    const key = JSON.stringify([footer.table, footer.columns]);
    const columns = this.#columns.get(key) ?? footer.columns;
    this.#columns.set(key, columns);
    return { kind: 'ours', footer: { ...footer, columns } };
  }

  async #tables(): Promise<string[]> {
    const names = await entriesOf(this.#root);
    return names.filter((name) => name !== OWN_FOLDER && !name.startsWith('.')).sort();
  }

  async #list(folder: string): Promise<string[]> {
    try {
      const names = await fs.readdir(absolute(this.#root, folder), { recursive: true });
      return names
        .filter((name) => name.endsWith('.parquet'))
        .map((name) => `${folder}/${name.split(path.sep).join('/')}`)
        .sort();
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }
}

/**
 * Files of the ledger, and of other tables those whose commit came to its end; of a file that grew in
 * a commit that did not, the rows before it.
 */
export function countingFiles(files: readonly LakeFile[]): LakeFile[] {
  const mark = ({ dataset, scope }: Footer, commit: string) => JSON.stringify([dataset, scope, commit]);
  const done = new Set(
    files
      .filter(({ footer }) => footer.ledger)
      .flatMap(({ footer }) => footer.slices.map(({ commit }) => mark(footer, commit))),
  );
  return files.flatMap((file) => {
    const { footer } = file;
    if (footer.slices.some(({ commit }) => done.has(mark(footer, commit)))) return [file];
    const before = footer.grows_on;
    return before && done.has(mark(footer, before.commit)) ? [{ ...file, firstRows: before.rows }] : [];
  });
}

function misplaced(read: FooterRead, file: string): FooterRead {
  return read.kind === 'ours' && read.footer.file !== file ? { kind: 'foreign' } : read;
}

async function stampOf(file: string): Promise<string | undefined> {
  try {
    const stat = await fs.stat(file, { bigint: true });
    return stat.isFile() ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
