import { Fault } from '../faults.js';

const SHOWN_LINES = 3;
const SHOWN_CHARACTERS = 600;
const LEAST_SECRET = 4;

/** Takes secrets out of a text of the program. */
const redact = (text: string, secrets: readonly string[]): string => {
  let clean = text;
  for (const secret of secrets)
    if (secret.length >= LEAST_SECRET) clean = clean.replaceAll(secret, '(hidden)');
  return clean;
};

/** What the program said last, short enough for a status: errors if there are some, else the end. */
const summary = (lines: readonly string[], secrets: readonly string[]): string => {
  const errors = lines.filter((line) => /error|fail|unable|cannot|denied|not found/i.test(line));
  const text = [...new Set(errors.length > 0 ? errors : lines)].slice(-SHOWN_LINES).join('; ');
  return redact(text, secrets).slice(0, SHOWN_CHARACTERS) || 'it gave no reason';
};

const said = (lines: readonly string[], pattern: RegExp): boolean => lines.some((line) => pattern.test(line));

/** There is nothing at this place yet. */
export const saysMissing = (lines: readonly string[]): boolean =>
  said(
    lines,
    /repository not initialized|kopia\.repository blob: BLOB not found|cannot access storage path: stat .*: no such file/i,
  );

/** Somebody made the repository while we tried to. */
export const saysExists = (lines: readonly string[]): boolean =>
  said(lines, /found existing data in storage location/i);

/** What the end of a run means, by what it wrote to stderr. */
export const kopiaFault = (
  doing: string,
  { lines, code }: { readonly lines: readonly string[]; readonly code: number | string },
  secrets: readonly string[],
): Fault => {
  const text = `${doing}: ${summary(lines, secrets)} (kopia ended with ${code})`;
  if (said(lines, /invalid repository password/i))
    return new Fault(
      'LB_REPOSITORY_PASSWORD',
      `${doing}: the key repository-password of the Secret velero-repo-credentials does not open it`,
    );
  if (saysMissing(lines)) return new Fault('LB_REPOSITORY_FAILED', `${doing}: there is no repository`);
  if (said(lines, /access denied|AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch/i))
    return new Fault('LB_STORE_DENIED', text);
  if (said(lines, /bucket does not exist|NoSuchBucket/i)) return new Fault('LB_STORE_BUCKET_MISSING', text);
  if (said(lines, /connection refused|no such host|i\/o timeout|no route to host/i))
    return new Fault('LB_STORE_UNREACHABLE', text);
  return new Fault('LB_REPOSITORY_FAILED', text);
};
