import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { s3Error } from './answers.js';
import type { Clock } from './clock.js';
import type { Fault } from './faults.js';
import type { Answer, Call } from './http.js';
import type { Job, JobFile } from './jobs.js';

/** How a file may be broken on its way. */
export type FileFault = Extract<Fault, { kind: 'truncated_gzip' | 'bad_crc' | 'cut_after_comma' }>;

interface Link {
  readonly job: Job;
  readonly signature: string;
  /** On the clock's monotonic scale. */
  readonly deadline: number;
}

/** Headers of ours that must never come here. */
const OURS = ['authorization', 'amazon-advertising-api-clientid', 'amazon-advertising-api-scope'];

/** The origin that plays S3: presigned links, and the files behind them. */
export class Storage {
  readonly #clock: Clock;
  readonly #linkMs: number;
  readonly #links = new Map<string, Link>();
  /** Whole files handed out, and requests that carried a header of ours. */
  downloads = 0;
  leaks = 0;

  constructor(clock: Clock, linkSeconds: number) {
    this.#clock = clock;
    this.#linkMs = linkSeconds * 1000;
  }

  /** A presigned link to a job's file: in the older or the newer form of signature. */
  link(job: Job, host: string, expired: boolean): string {
    const key = randomBytes(6).toString('hex');
    const signature = randomBytes(20).toString('hex');
    const seconds = Math.round(this.#linkMs / 1000);
    this.#links.set(signature, {
      job,
      signature,
      deadline: this.#clock.elapsed() + (expired ? -1 : this.#linkMs),
    });
    const now = this.#clock.now();
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
    const query = new URLSearchParams(
      job.draft.product === 'sd'
        ? {
            'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
            'X-Amz-Date': stamp,
            'X-Amz-SignedHeaders': 'host',
            'X-Amz-Expires': String(seconds),
            'X-Amz-Credential': `AKIASANDBOX/${stamp.slice(0, 8)}/us-east-1/s3/aws4_request`,
            'X-Amz-Signature': signature,
          }
        : {
            AWSAccessKeyId: 'AKIASANDBOX',
            Expires: String(Math.floor(now.getTime() / 1000) + seconds),
            Signature: signature,
          },
    );
    return `http://${host}/${job.draft.what}s/${encodeURIComponent(job.id)}/${key}.json.gz?${query}`;
  }

  /** The job whose file a request is for, if its signature is known. */
  jobOf(call: Call): Job | undefined {
    return this.#find(call)?.job;
  }

  /** GET of a presigned link. `fault` breaks the file. */
  async answer(call: Call, fault: FileFault | undefined): Promise<Answer> {
    if (OURS.some((name) => name in call.headers)) this.leaks++;
    const { authorization } = call.headers;
    if (authorization !== undefined) {
      const message =
        'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified';
      const value = authorization.replace(/(?<=^\S+ .{5}).*/s, '…').replace(/[<&]/g, '');
      return s3Error(
        400,
        'InvalidArgument',
        message,
        `<ArgumentName>Authorization</ArgumentName><ArgumentValue>${value}</ArgumentValue>`,
      );
    }
    if (call.method !== 'GET' && call.method !== 'HEAD') {
      return s3Error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
    }
    const link = this.#find(call);
    if (!link) return s3Error(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match.');
    if (this.#clock.elapsed() >= link.deadline) {
      const now = this.#clock.now().toISOString();
      return s3Error(403, 'AccessDenied', 'Request has expired', `<ServerTime>${now}</ServerTime>`);
    }
    const { file } = link.job;
    if (!file || link.job.gone) return s3Error(404, 'NoSuchKey', 'The specified key does not exist.');
    this.downloads++;
    const headers = { ...S3_HEADERS, ...typeOf(link.job), 'last-modified': link.job.asOf.toUTCString() };
    if (fault) {
      const broken = await breakFile(file, fault);
      return { status: 200, headers: { ...headers, 'content-length': String(broken.length) }, body: broken };
    }
    return {
      status: 200,
      headers: { ...headers, 'content-length': String(file.bytes) },
      body: createReadStream(file.path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>,
    };
  }

  #find(call: Call): Link | undefined {
    const link = this.#links.get(call.query.get('X-Amz-Signature') ?? call.query.get('Signature') ?? '');
    return link && call.path.includes(encodeURIComponent(link.job.id)) ? link : undefined;
  }
}

const S3_HEADERS = { server: 'AmazonS3', 'accept-ranges': 'bytes', 'x-amz-server-side-encryption': 'AES256' };

/**
 * Content headers never agree: snapshots are JSON with an encoding, reports bytes without one,
 * some of Sponsored Display's gzip by type.
 */
function typeOf(job: Job): Record<string, string> {
  if (job.draft.what === 'snapshot') return { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const gzip = job.draft.product === 'sd' && job.draft.recordType !== 'campaigns';
  return { 'content-type': gzip ? 'application/x-gzip' : 'application/octet-stream' };
}

/** The file's bytes, spoilt. Read whole: meant for files of modest size. */
async function breakFile(file: JobFile, fault: FileFault): Promise<Buffer> {
  const bytes = await fs.readFile(file.path);
  if (fault.kind === 'truncated_gzip') return bytes.subarray(0, Math.max(12, Math.floor(bytes.length * 0.6)));
  if (fault.kind === 'bad_crc') {
    // The last eight bytes of a gzip file are its checksum and its length.
    const at = bytes.length - 8;
    bytes.writeUInt32LE((bytes.readUInt32LE(at) ^ 0xffff) >>> 0, at);
    return bytes;
  }
  const text = gunzipSync(bytes).toString('utf8');
  const comma = text.slice(0, Math.max(2, Math.floor(text.length * 0.8))).search(/\}\s*,\s*\{(?![\s\S]*\}\s*,\s*\{)/);
  return gzipSync(text.slice(0, comma < 0 ? 1 : text.indexOf(',', comma) + 1));
}
