import { readFile } from 'node:fs/promises'
import { isPipe, readPipe } from './read-pipe.ts'

/** What the pipes held that were read: a pipe gives its text once, and some files are read again. */
const held = new Map<string, Promise<string>>()

/**
 * The text of a file that a flag names. A pipe (`<(…)`) is waited for in a way that Ctrl-C can end, and read
 * once; each later read has the same text. Throws what the system says.
 */
export function readText(path: string): Promise<string> {
  const known = held.get(path)
  if (known !== undefined || !isPipe(path)) return known ?? readFile(path, 'utf8')
  const text = readPipe(path).then(String)
  held.set(path, text)
  return text
}
