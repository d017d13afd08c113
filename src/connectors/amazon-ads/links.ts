import { MillpondError } from '../../base/errors.js';
import type { Ctx } from '../../contracts/index.js';
import { wordsOf } from './answers.js';
import { drop, type Http, type Reply, readText } from './http.js';
import { refusalOf } from './refusals.js';

/** A link may lead on this often: storage sends a request to the right region. */
const MOST_HOPS = 4;

export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/**
 * Where a redirect leads.
 * @throws MillpondError `E_UNTRUSTED_LINK` where that is not allowed, `E_PROTOCOL` where it leads nowhere.
 */
export function linkOf(reply: Reply, from: URL, allows: (url: URL) => boolean): URL {
  const location = reply.headers.location;
  if (!location || !URL.canParse(location, from.href)) {
    throw new MillpondError('E_PROTOCOL', `${from.host} answered ${reply.status} without a location to go to`);
  }
  const url = new URL(location, from);
  if (!allows(url)) {
    throw new MillpondError(
      'E_UNTRUSTED_LINK',
      `${from.host} sends us to ${url.protocol}//${url.host}, which is not allowed`,
      {
        at: { host: url.host },
      },
    );
  }
  return url;
}

/**
 * Opens a presigned link by hand: a clean request each hop, with nothing of ours in it (storage
 * answers 400 to a second way of signing in, and our token is none of its business).
 * @throws MillpondError `E_LINK_EXPIRED` where a fresh link may help; `E_UNTRUSTED_LINK`; transport errors.
 */
export async function followLink(
  http: Http,
  link: URL,
  allows: (url: URL) => boolean,
  ctx: Ctx,
): Promise<{ readonly reply: Reply; readonly url: URL }> {
  let url = link;
  for (let hop = 1; hop <= MOST_HOPS; hop++) {
    const reply = await http.openDownload(url, ctx.signal);
    if (reply.status === 200) return { reply, url };
    if (!isRedirect(reply.status)) throw await storageRefusal(reply, url, ctx);
    await drop(reply);
    url = linkOf(reply, url, allows);
  }
  throw new MillpondError('E_PROTOCOL', `The link to ${link.host} leads on and on`);
}

async function storageRefusal(reply: Reply, url: URL, ctx: Ctx): Promise<MillpondError> {
  const answer = { ...reply, text: await readText(reply, url, ctx.signal) };
  if ([403, 404, 410].includes(answer.status)) {
    return new MillpondError('E_LINK_EXPIRED', `${url.host} answered ${answer.status}: ${wordsOf(answer)}`);
  }
  if (answer.status === 429 || answer.status >= 500) return refusalOf(answer, { what: `GET ${url.host}` }, ctx.now());
  return new MillpondError('E_PROTOCOL', `${url.host} answered ${answer.status}: ${wordsOf(answer)}`);
}
