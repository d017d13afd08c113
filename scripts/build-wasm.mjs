// Makes what reads plain records: the reader in WebAssembly, as a module (src/transforms/plain/wasm.ts), and
// the thread it runs on, in JavaScript (thread.js beside its source), which Node starts from there in tests.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import esbuild from 'esbuild';

const folder = 'src/transforms/plain';
const sources = `${folder}/assembly`;
// The memory is its maker's (`machine.ts`), and shared; sizes are in pages of 64 KiB.
const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '16384'];
const features = ['--enable', 'simd', '--enable', 'threads'];
const options = ['-O3', '--noAssert', '--runtime', 'minimal', ...features, ...memory];

const inputs = readdirSync(sources).map((name) => path.join(sources, name));
await make(`${folder}/wasm.ts`, sources, [asc.version, options.join(' '), ...inputs.sort().map(read)], async () => {
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
  return `${doc}export const WASM =\n  '${wasm.toString('base64')}';\n`;
});

const thread = `${folder}/thread.ts`;
await make(`${folder}/thread.js`, thread, [esbuild.version, read(thread)], async () => {
  const { code } = await esbuild.transform(read(thread), { loader: 'ts', format: 'esm', target: 'node20' });
  return code;
});

/** Writes a file, unless it was made of the same before. */
async function make(target, source, ingredients, content) {
  const hash = createHash('sha256');
  for (const ingredient of ingredients) hash.update(ingredient);
  const mark = `// Made of ${source} (${hash.digest('hex').slice(0, 16)}) by scripts/build-wasm.mjs. Not to be edited.\n`;
  if (existsSync(target) && readFileSync(target, 'utf8').startsWith(mark)) return;
  writeFileSync(target, `${mark}\n${await content()}`);
}

function read(file) {
  return readFileSync(file, 'utf8');
}
