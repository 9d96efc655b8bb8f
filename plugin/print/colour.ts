/** Paints text where colour is wanted, and leaves it alone where not. */
export interface Paint {
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
}

const escape = '\u001b['
/** The codes that we write; in a split, each stands between what it parts. */
// oxlint-disable-next-line no-control-regex
export const colourCodes = /(\u001b\[(?:3[1-6]|39|1|2|22)m)/

const code =
  (start: number, end: number) =>
  (text: string): string =>
    text === '' ? text : `${escape}${start}m${text}${escape}${end}m`
const plain = (text: string): string => text

const colours: Paint = {
  red: code(31, 39),
  green: code(32, 39),
  yellow: code(33, 39),
  cyan: code(36, 39),
  bold: code(1, 22),
  dim: code(2, 22),
}
const none: Paint = { red: plain, green: plain, yellow: plain, cyan: plain, bold: plain, dim: plain }

export const paintOf = (colour: boolean): Paint => (colour ? colours : none)
