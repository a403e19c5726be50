/** Remembers answers for a short while, at most `most` of them; the same question asked twice at once is asked once. */
export interface TtlCache<T> {
  get(key: string, make: () => Promise<T>): Promise<T>;
}

export const createTtlCache = <T>(options: {
  readonly ttlMs: number;
  readonly most: number;
  readonly now: () => Date;
}): TtlCache<T> => {
  const entries = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();
  const time = () => options.now().getTime();
  return {
    get: (key, make) => {
      const known = entries.get(key);
      if (known && known.until > time()) return known.answer;
      entries.delete(key);
      const answer = make();
      const entry = { until: time() + options.ttlMs, answer };
      entries.set(key, entry);
      // A failure is no answer: the next one asks again.
      answer.catch(() => entries.get(key) === entry && entries.delete(key));
      // A Map keeps the order of insertion, so the first key is the oldest.
      if (entries.size > options.most)
        for (const oldest of [...entries.keys()].slice(0, 1)) entries.delete(oldest);
      return answer;
    },
  };
};
