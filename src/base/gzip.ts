import { MillpondError } from './errors.js';

/** Whether bytes begin as a gzip file does, of which two are needed. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * What a gzip file's last four bytes say of the length of its content (RFC 1952): a hint only, for
 * they tell it modulo 2^32, of the last member, and may be cut off.
 */
export function inflatedBytes(file: Uint8Array): number {
  const trailer = Buffer.from(file.buffer, file.byteOffset, file.length).subarray(-4);
  return trailer.length === 4 ? trailer.readUInt32LE() : 0;
}

/** zlib cannot read it, or its checksum does not hold. @param why in zlib's words. */
export function spoiltGzip(why: string, cause?: unknown): MillpondError {
  return new MillpondError('E_ARTIFACT_CORRUPT', `The file is no whole gzip file: ${why}`, { cause });
}
