/** A page of the site, as Markdown. */
export interface SitePage {
  /** Where it is below the root of the site, without an extension: `commands/weight`. */
  readonly path: string
  /** The file of the repository that its relative links start from: `docs/commands.md`. */
  readonly source: string
  readonly text: string
}

/** The first heading of a page; its path where it has none. */
export const titleOf = ({ text, path }: SitePage): string =>
  /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? path

/** A part of the text that is no code block, changed; code blocks stay as they are. */
export const outsideCode = (text: string, change: (part: string) => string): string =>
  text
    .split(/^(```[^]*?^```)/m)
    .map((part, i) => (i % 2 === 0 ? change(part) : part))
    .join('')

/** A text as one cell of a table. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
