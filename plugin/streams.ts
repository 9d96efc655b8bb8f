/** Where text goes: a terminal, a pipe or a file. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  /** Nobody reads it any more (`| head`): writing is without effect, and whoever repeats himself may stop. */
  readonly closed?: boolean | undefined
}

/** Everything of the world that a command may touch besides its store. */
export interface Streams {
  readonly stdin: AsyncIterable<string | Uint8Array> & { readonly isTTY?: boolean | undefined }
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by the first Ctrl-C. */
  readonly interrupt: AbortSignal
  now(): Date
}

/** Colour belongs on a terminal only, and not where NO_COLOR is set (https://no-color.org) or the terminal is dumb. */
export const wantsColour = ({ isTTY }: Output, { NO_COLOR, TERM }: Streams['env']): boolean =>
  isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb'

/** All of standard input as bytes, as files are read, so that what is not text is found out in one place. */
export async function readAll(input: AsyncIterable<string | Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
