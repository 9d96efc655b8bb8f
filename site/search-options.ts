/** How words are looked up in the site: all of them have to be there, and titles come first, so that an id finds its own page. */
export const searchOptions = {
  combineWith: 'AND',
  fuzzy: 0.2,
  prefix: true,
  boost: { title: 8, titles: 3, text: 1 },
} as const
