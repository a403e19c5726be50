import type { IncomingMessage } from 'node:http';

/** Whether only this machine can reach an address to listen on. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

const hostOf = (address: string): string => {
  try {
    return new URL(address).hostname;
  } catch {
    return '';
  }
};

/**
 * Without authentication any page in the user's browser could otherwise talk to the server: a WebSocket knows no same-origin
 * rule, and a name that resolves to 127.0.0.1 makes a foreign page's requests look local.
 */
export const comesFromHere = ({ headers }: IncomingMessage): boolean =>
  isLoopback(hostOf(`http://${headers.host ?? ''}`)) &&
  (headers.origin === undefined || isLoopback(hostOf(headers.origin)));
