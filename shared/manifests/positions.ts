import type { Path } from '../objects/paths.ts'
import type { Node } from './yaml/node.ts'
import { isMergeKey, keyText } from './yaml/value.ts'

/**
 * Where the field at a path begins, its key included; the nearest field around it where it is not written.
 */
export function offsetOf(root: Node, path: Path): number {
  let [node, offset] = [root, root.start]
  for (const step of path) {
    // What an alias stands for is written elsewhere; the alias is what this object says.
    if (node.type === 'map') {
      const pair = node.entries.findLast(({ key }) => !isMergeKey(key) && keyText(key) === String(step))
      if (pair === undefined) return offset
      offset = pair.start
      node = pair.value
    } else if (node.type === 'seq') {
      const item = node.entries[Number(step)]
      if (item === undefined) return offset
      offset = item.value.start
      node = item.value
    } else {
      return offset
    }
  }
  return offset
}

/** The comments that people mean for the line of an offset: at its end, and in the block directly above. */
export function commentsAbout(text: string, offset: number): readonly string[] {
  const comments: string[] = []
  let start = startOfLine(text, offset)
  const end = text.indexOf('\n', start)
  const own = trailingComment(text.slice(start, end < 0 ? undefined : end))
  while (start > 0) {
    const above = startOfLine(text, start - 1)
    const comment = /^\s*#(.*)$/.exec(text.slice(above, start - 1).trimEnd())?.[1]
    if (comment === undefined) break
    comments.unshift(comment.trim())
    start = above
  }
  return own === undefined ? comments : [...comments, own]
}

const startOfLine = (text: string, offset: number): number =>
  offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1

/**
 * A line's comment: a `#` behind white space, outside of quotes; and quotes count only where a scalar begins.
 */
function trailingComment(line: string): string | undefined {
  for (let i = 0; i < line.length; i++) {
    const before = i === 0 ? ' ' : line[i - 1]!
    if (line[i] === '#' && /\s/.test(before)) return line.slice(i + 1).trim()
    if ((line[i] !== '"' && line[i] !== "'") || !/[\s:,[{-]/.test(before)) continue
    const quote = line[i]
    for (i++; i < line.length && line[i] !== quote; i++) if (quote === '"' && line[i] === '\\') i++
  }
  return undefined
}
