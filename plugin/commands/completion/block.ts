import { CanaryError } from '../../../shared/objects/canary-error.ts'

/** Lines of ours in a shell's start-up file, which belongs to its user. */
const first = '# >>> kubectl-canary completion: kubectl-canary completion --install >>>'
const last = '# <<< kubectl-canary completion <<<'

/** The text with our lines, at its end where it has none. Throws where it has them in part or twice. */
export function withBlock(text: string, lines: string, name: string): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n'
  const block = [first, ...lines.split('\n'), last].join(end)
  const place = placeOf(text, name)
  if (place !== undefined) return text.slice(0, place.from) + block + text.slice(place.to)
  if (text === '') return block + end
  // Without a last line end before, there is none after: so it can be taken off again as it was.
  return text.endsWith('\n') ? `${text}${block}${end}` : `${text}${end}${block}`
}

/** The text without our lines, as it was before they came. Throws where it has them in part or twice. */
export function withoutBlock(text: string, name: string): string {
  const place = placeOf(text, name)
  if (place === undefined) return text
  const [before, after] = [text.slice(0, place.from), text.slice(place.to)]
  return after === '' ? before.replace(/\r?\n$/, '') : before + after.replace(/^\r?\n/, '')
}

interface Place {
  readonly from: number
  readonly to: number
}

function placeOf(text: string, name: string): Place | undefined {
  const [starts, ends] = [placesOf(text, first), placesOf(text, last)]
  if (starts.length === 0 && ends.length === 0) return undefined
  const [from, to] = [starts[0] ?? 0, (ends[0] ?? 0) + last.length]
  if (starts.length === 1 && ends.length === 1 && from < to) return { from, to }
  throw new CanaryError(
    'unreadable',
    `${name}: the lines of kubectl-canary are there in part, or more than once`,
    {
      hints: [`They begin with "${first}" and end with "${last}": remove them by hand, then run this again.`],
    },
  )
}

/** Where the text has this as a whole line. */
function placesOf(text: string, line: string): readonly number[] {
  const places: number[] = []
  for (let at = text.indexOf(line); at !== -1; at = text.indexOf(line, at + 1)) {
    const isLine =
      (at === 0 || text[at - 1] === '\n')
      && /^(\r?\n|$)/.test(text.slice(at + line.length, at + line.length + 2))
    if (isLine) places.push(at)
  }
  return places
}
