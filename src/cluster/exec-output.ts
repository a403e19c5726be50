/** Bytes kept of each stream. */
export const OUTPUT_BYTES = 64 * 1024;

/** Collected pieces are joined no later than at this number, so that a command that writes byte by byte stays cheap. */
const MAX_PIECES = 256;

/** The end of one stream, as it comes. */
interface Tail {
  add(piece: Buffer): void;
  text(): string;
}

/** `10xxxxxx`: not the first byte of a character. */
const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

const lastBytes = (bytes: Buffer): Buffer => bytes.subarray(Math.max(0, bytes.length - OUTPUT_BYTES));

/** UTF-8 without the half of a character that a cut left in front; what is no UTF-8 becomes U+FFFD. */
const decode = (bytes: Buffer, cut: boolean): string => {
  let start = 0;
  while (cut && start < 3 && isContinuation(bytes[start])) start += 1;
  return bytes.toString('utf8', start);
};

const createTail = (): Tail => {
  let pieces: Buffer[] = [];
  let length = 0;
  let cut = false;
  const join = (): Buffer => {
    const all = lastBytes(Buffer.concat(pieces));
    cut ||= all.length < length;
    pieces = [all];
    length = all.length;
    return all;
  };
  return {
    add: (piece) => {
      pieces.push(piece);
      length += piece.length;
      if (length > 2 * OUTPUT_BYTES || pieces.length > MAX_PIECES) join();
    },
    text: () => decode(join(), cut),
  };
};

/** What a command wrote so far, the last 64 KiB of each stream. */
export interface Output {
  readonly stdout: Tail;
  readonly stderr: Tail;
  read(): { readonly stdout: string; readonly stderr: string };
}

export const createOutput = (): Output => {
  const [stdout, stderr] = [createTail(), createTail()];
  return { stdout, stderr, read: () => ({ stdout: stdout.text(), stderr: stderr.text() }) };
};

/** The last 64 KiB of a text, counted in UTF-8. */
export const lastOfText = (text: string): string => {
  const tail = createTail();
  tail.add(Buffer.from(text));
  return tail.text();
};
