const LONGEST = 120;

/**
 * A text of a user as a message may quote it: longer ones are cut, since they would push everything else out and nobody knows what they hold.
 * No character is cut in half, because the API server would store another one in its place.
 */
export const shown = (text: string, longest = LONGEST): string =>
  text.length <= longest ? text : `${text.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`;
