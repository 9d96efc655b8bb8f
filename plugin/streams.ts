import { CanaryError } from '../shared/objects/canary-error.ts'

/** Where text goes: a terminal, a pipe or a file. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  /** Nobody reads it any more (`| head`): writing has no effect, and what repeats may stop. */
  readonly closed?: boolean | undefined
  /** Calls back when a terminal has another size, until the function that it returns is called. */
  onResize?(listener: () => void): () => void
}

/** Everything outside the program that a command may touch, besides its store. */
export interface Streams {
  readonly stdin: AsyncIterable<string | Uint8Array> & { readonly isTTY?: boolean | undefined }
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by the first Ctrl-C. */
  readonly interrupt: AbortSignal
  now(): Date
  /** Resolves after this many milliseconds; rejects at once where it is interrupted. */
  wait(milliseconds: number): Promise<void>
}

/**
 * Colour is for terminals only, and not where NO_COLOR is set (https://no-color.org) or the terminal is dumb.
 */
export const wantsColour = ({ isTTY }: Output, { NO_COLOR, TERM }: Streams['env']): boolean =>
  isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb'

/**
 * Whether only ASCII can be drawn: the locale is of another character set than UTF-8 (`LANG=C`), or the terminal is
 * dumb. Where no locale is said at all, as in most containers, texts are read as UTF-8.
 */
export function wantsAscii({ LC_ALL, LC_CTYPE, LANG, TERM }: Streams['env']): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find(said => said !== undefined && said !== '')
  return TERM === 'dumb' || (locale !== undefined && !/utf-?8/i.test(locale))
}

/**
 * The columns to which texts are fitted: those of a terminal. Undefined in a pipe or a file. A terminal whose size
 * nobody has set says 0, as under `script` in CI.
 */
export const columnsOf = ({ isTTY, columns }: Output): number | undefined =>
  isTTY === true ? columns || 80 : undefined

/**
 * All of standard input; throws `unreadable` for what is not UTF-8, because what is read must be what would be
 * applied.
 */
export async function readText(input: AsyncIterable<string | Uint8Array>): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let text = ''
  try {
    for await (const chunk of input)
      text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    return text + decoder.decode()
  } catch (error) {
    throw new CanaryError('unreadable', 'standard input is not UTF-8 text', {
      hints: ['Pipe YAML or JSON into the command.'],
      cause: error,
    })
  }
}

/** What is typed, line by line; a last one without a line break is left out. */
export async function* linesOf(input: AsyncIterable<string | Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of input) {
    rest += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
