// Compiles the reader of plain records to WebAssembly, and puts it into a module: src/transforms/plain/wasm.ts.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';

const sources = 'src/transforms/plain/assembly';
const target = 'src/transforms/plain/wasm.ts';
const options = ['-O3', '--noAssert', '--runtime', 'minimal', '--enable', 'simd'];

const hash = createHash('sha256').update(asc.version).update(options.join(' '));
for (const name of readdirSync(sources).sort()) hash.update(readFileSync(path.join(sources, name)));
const mark = `// Made of ${sources} (${hash.digest('hex').slice(0, 16)}) by scripts/build-wasm.mjs. Not to be edited.\n`;

if (!existsSync(target) || !readFileSync(target, 'utf8').startsWith(mark)) {
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
  writeFileSync(target, `${mark}\n${doc}export const WASM =\n  '${wasm.toString('base64')}';\n`);
}
