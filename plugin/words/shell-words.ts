import { CanaryError } from '../../shared/objects/canary-error.ts'

const word = /(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/gs
const part = /\\(?<escaped>.)|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|(?<plain>[^\s'"\\]+)/gs

/** The words of a text as a shell splits them: by blanks, with quotes and backslashes. Throws `usage` for an open quote. */
export function splitWords(text: string): readonly string[] {
  if (text.replaceAll(word, '').trim() !== '')
    throw new CanaryError('usage', `${JSON.stringify(text)} has a quote that is not closed`, {
      hints: ['Close it, or leave it out.'],
    })
  return (text.match(word) ?? []).map(said =>
    [...said.matchAll(part)].map(({ groups }) => meant(groups)).join(''),
  )
}

/** Between double quotes a backslash is for a few characters only. */
const meant = (groups: Partial<Record<string, string>> = {}): string =>
  groups['double']?.replaceAll(/\\(["\\$`])/g, '$1')
  ?? groups['escaped']
  ?? groups['single']
  ?? groups['plain']
  ?? ''
