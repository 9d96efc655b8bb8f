import { escaped } from '../../shared/objects/text/escaped.ts'

/** Paints text where colour is wanted, and leaves it alone where not. */
export interface Paint {
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
}

/**
 * Begins each of our codes until it is written. It is another one in each run, so that nothing that an object
 * contains passes for a code of ours.
 */
const seal = `\0${Math.random().toString(36).slice(2)}`
/** The codes that we write; in a split, each stands between what it parts. */
export const colourCodes = new RegExp(`(${seal}\\d+m)`)
// Line breaks are ours; a carriage return before one is of a file with such lines.
// oxlint-disable-next-line no-control-regex
const controls = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\r(?!\n)/g

/**
 * A text as a terminal may get it: our codes as it knows them, and every other control character written by its
 * number, wherever it came from.
 */
export const forTerminal = (text: string): string =>
  text
    .split(colourCodes)
    .map((part, i) => (i % 2 === 1 ? `\u001b[${part.slice(seal.length)}` : part.replace(controls, escaped)))
    .join('')

const code =
  (start: number, end: number) =>
  (text: string): string =>
    text === '' ? text : `${seal}${start}m${text}${seal}${end}m`
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
