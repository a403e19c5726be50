/** RFC 3339 in UTC, to the second, as custom resources and facts carry times. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
