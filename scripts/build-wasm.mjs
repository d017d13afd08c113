// Makes what reads plain records: the reader in WebAssembly, as a module (src/transforms/plain/wasm.ts), and
// the thread it runs on, in JavaScript (thread.js beside its source), which Node starts from there in tests.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import esbuild from 'esbuild';

const folder = 'src/transforms/plain';
const sources = `${folder}/assembly`;
// The memory is its maker's (`machine.ts`), and shared: a megabyte, and a gigabyte at most, in pages of 64 KiB.
const pages = { initial: 16, maximum: 16_384 };
const size = ['--initialMemory', String(pages.initial), '--maximumMemory', String(pages.maximum)];
const memory = ['--importMemory', '--sharedMemory', ...size];
const features = ['--enable', 'simd', '--enable', 'threads'];
const options = ['-O3', '--noAssert', '--runtime', 'minimal', ...features, ...memory];

const inputs = readdirSync(sources).map((name) => path.join(sources, name));
await make(`${folder}/wasm.ts`, sources, [asc.version, ...inputs.sort().map(read)], async () => {
  let wasm;
  const { error, stderr } = await asc.main([`${sources}/index.ts`, '--outFile', 'reader.wasm', ...options], {
    writeFile(_name, contents) {
      wasm = Buffer.from(contents);
    },
  });
  if (error || !wasm) {
    console.error(String(stderr));
    throw error ?? new Error('The compiler wrote nothing.');
  }
  const doc = "/** The reader of plain records, in WebAssembly's binary format; in base64. */\n";
  const text = `${doc}export const WASM =\n  '${wasm.toString('base64')}';\n`;
  return `${text}\n/** Of its memory, of 64 KiB each. */\nexport const PAGES = ${JSON.stringify(pages)} as const;\n`;
});

const thread = `${folder}/thread.ts`;
await make(`${folder}/thread.js`, thread, [esbuild.version, read(thread)], async () => {
  const { code } = await esbuild.transform(read(thread), { loader: 'ts', format: 'esm', target: 'node20' });
  return code;
});

/** Writes a file, unless it was made of the same before, in the same way. */
async function make(target, source, ingredients, content) {
  const hash = createHash('sha256').update(read(import.meta.filename));
  for (const ingredient of ingredients) hash.update(ingredient);
  const mark = `// Made of ${source} (${hash.digest('hex').slice(0, 16)}) by scripts/build-wasm.mjs. Not to be edited.\n`;
  if (existsSync(target) && readFileSync(target, 'utf8').startsWith(mark)) return;
  writeFileSync(target, `${mark}\n${await content()}`);
}

function read(file) {
  return readFileSync(file, 'utf8');
}
