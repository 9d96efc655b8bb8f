import { UnreadableWatch } from './api-failure.ts'

/**
 * No event can be longer: the API server takes objects of 1.5 MB at most, and JSON escapes can make six
 * characters of one.
 */
const longestLine = 16 * 1024 * 1024

/**
 * The JSON values of a stream with one on each line, however its bytes are cut. Throws an UnreadableWatch for
 * a line that is no JSON; an unfinished
 * last line is dropped, because whoever cut the stream will be asked for it again.
 */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator {
  let parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)])
        .toString()
        .trim()
      parts = []
      length = 0
      start = end + 1
      if (line !== '') yield parse(line)
    }
    if (start === chunk.length) continue
    parts.push(chunk.subarray(start))
    length += chunk.length - start
    if (length > longestLine)
      throw new UnreadableWatch(`a line of the watch is longer than ${longestLine} bytes`)
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    throw new UnreadableWatch('a line of the watch is not JSON')
  }
}
