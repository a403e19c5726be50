import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Express, Request, Response } from 'express';
import { messageOf } from './faults.js';
import type { Log } from './log.js';

/** Links to files of `filesystem` locations, which have no server of their own that could sign. */
export interface DownloadLinks {
  /** A URL for a file, good for so many seconds and for this process. */
  sign(path: string, seconds: number): string;
  mount(app: Express): void;
  /** Where the API listens, known once it does; links are made below it. */
  publish(url: string): void;
}

const PATH = '/downloads';
/** Links in the bucket are not followed: whoever may write there must not choose what is read from this machine. */
const READ_NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The key lives as long as the process: a link does not survive a restart, and ten minutes later it would be over anyway. */
export const createDownloadLinks = (now: () => Date, log: Log): DownloadLinks => {
  const secret = randomBytes(32);
  let base = '';
  const signature = (path: string, expires: number): Buffer =>
    createHmac('sha256', secret).update(`${expires}\n${path}`).digest();

  const send = async (path: string, { method }: Request, response: Response) => {
    const file = await open(path, READ_NO_LINK).catch(() => undefined);
    try {
      const found = await file?.stat();
      // Velero's CLI takes 404, and nothing else, for "this backup has no such file".
      if (!file || !found?.isFile()) {
        response.status(404).end();
        return;
      }
      response.set({ 'content-type': 'application/octet-stream', 'content-length': String(found.size) });
      response.set(
        'content-disposition',
        `attachment; filename="${basename(path).replace(/[^\w.-]/g, '_')}"`,
      );
      if (method === 'HEAD') response.end();
      else await pipeline(file.createReadStream({ autoClose: false }), response);
    } finally {
      await file?.close();
    }
  };

  return {
    publish: (url) => {
      base = url;
    },
    sign: (path, seconds) => {
      const expires = Math.floor(now().getTime() / 1000) + seconds;
      const query = new URLSearchParams({
        path: Buffer.from(path).toString('base64url'),
        expires: String(expires),
        signature: signature(path, expires).toString('base64url'),
      });
      return `${base}${PATH}?${query.toString()}`;
    },
    mount: (app) => {
      app.get(PATH, (request, response) => {
        const { path: encoded, expires, signature: given } = request.query;
        const path = Buffer.from(typeof encoded === 'string' ? encoded : '', 'base64url').toString('utf8');
        const shown = Buffer.from(typeof given === 'string' ? given : '', 'base64url');
        const until = Number(expires);
        const expected = signature(path, until);
        const genuine = shown.length === expected.length && timingSafeEqual(shown, expected);
        if (!genuine || until * 1000 < now().getTime()) {
          response.status(403).end();
          return;
        }
        send(path, request, response).catch((error: unknown) =>
          log.debug(`a download ended early: ${messageOf(error)}`),
        );
      });
    },
  };
};
