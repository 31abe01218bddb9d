/** What the index of rooms is asked. Pure. */

export interface Wish {
  /** Chinese, English, a room's or a merchant's name. */
  readonly text: string;
  readonly liveOnly: boolean;
  /** From 0. */
  readonly page: number;
}

export const resultsAPage = 20;
/** The most that a nested part of a document gives (index.max_inner_result_window). */
const replaysARoom = 100;
export const replayId = "replays.broadcast";
/** Of the part of the question that is about rooms themselves. */
export const aboutRoom = "room";

/** More than any words can weigh. */
const aboveAll = 1_000;

/** All words must be found in one field; of pairs of characters most: of two characters there is but one pair. */
const matching = (query: string) => (field: string, boost: number) => [
  { match: { [field]: { query, operator: "and", boost } } },
  { match: { [`${field}.pairs`]: { query, minimum_should_match: "75%", boost: boost * 0.66 } } },
];

const namedBy = (query: string): readonly object[] => {
  const word = query.trim();
  return [
    { term: { name: { value: word.toLowerCase(), boost: 5 } } },
    { term: { merchant: { value: word, boost: 4 } } },
  ];
};

const best = (queries: readonly object[]): object => ({ dis_max: { tie_breaker: 0.1, queries } });

/** Rooms by what they are and what they showed last; who is live comes before who is not. */
export function roomsBody({ text, liveOnly, page }: Wish): object {
  const match = matching(text);
  return {
    from: page * resultsAPage,
    size: resultsAPage,
    track_total_hits: true,
    _source: false,
    query: {
      bool: {
        must: [best([...match("title", 3), ...match("products", 1.5), ...namedBy(text)])],
        should: [{ constant_score: { filter: { term: { state: "live" } }, boost: aboveAll } }],
        filter: liveOnly ? [{ term: { state: "live" } }] : [],
      },
    },
    sort: [{ _score: "desc" }, { name: "asc" }],
  };
}

/** Rooms by what they are, all of whose replays are meant; and replays by what was shown in them. */
export function replaysBody(text: string): object {
  const match = matching(text);
  return {
    size: resultsAPage,
    _source: false,
    query: {
      bool: {
        should: [
          { bool: { must: [best([...match("title", 3), ...namedBy(text)])], _name: aboutRoom } },
          {
            nested: {
              path: "replays",
              query: best(match("replays.products", 1)),
              inner_hits: { size: replaysARoom, _source: false, docvalue_fields: [replayId] },
            },
          },
        ],
      },
    },
    sort: [{ _score: "desc" }, { name: "asc" }],
  };
}
