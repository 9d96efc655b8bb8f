import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { embeddedFile, withEmbedded } from '../../../shared/manifests/kustomize/embedded.ts'
import { sectionsOf, SectionReader } from '../../../shared/manifests/yaml/documents.ts'
import type { Scalar } from '../../../shared/manifests/yaml/node.ts'
import { valueOf } from '../../../shared/manifests/yaml/value.ts'
import { fc } from '../../properties.ts'

const reader = new SectionReader()
const root = { kind: 'file', path: 'k.yaml' } as const

/** The text under `patch` of a file, with another one in its place. */
async function edited(text: string, patch: string): Promise<string | undefined> {
  const section = sectionsOf(text)[0]!
  const map = await reader.read(text.slice(section.start, section.end))
  assert.ok(map.type === 'map')
  const scalar = map.entries.find(({ key }) => key.type === 'scalar' && key.text === 'patch')!.value as Scalar
  const file = { name: 'k.yaml', path: 'k.yaml', text, root }
  const { within } = embeddedFile(file, { scalar, path: ['patch'], section })
  return withEmbedded(file, [{ ...within!, text: patch }], reader)
}

const line = fc.constantFrom(
  'a: 1',
  '  b: [x, y]',
  '# comment',
  '',
  'c: "d"  # e',
  '- f',
  '\u00e9: \u{1f600}',
)
const patch = fc
  .tuple(
    fc.constantFrom('kind: A', '- op: add'),
    fc.array(line, { maxLength: 6 }),
    fc.constantFrom('z: 9', '- g'),
  )
  .map(([first, lines, last]) => [first, ...lines, last].join('\n'))

describe('a text in a literal block of a file', () => {
  it('becomes another one, and no other line changes', async () => {
    await fc.assert(
      fc.asyncProperty(
        patch,
        patch,
        fc.record({ indent: fc.constantFrom(1, 2, 6), chomp: fc.constantFrom('', '-'), crlf: fc.boolean() }),
        async (before, after, { indent, chomp, crlf }) => {
          const end = chomp === '' ? '\n' : ''
          const block = (text: string) => text.replaceAll(/^(?=.)/gm, ' '.repeat(indent))
          const file = (text: string) =>
            `# first\nname: x   # keep\npatch: |${chomp} # why\n${block(text)}\n\nnext: {a:  1}\n`.replaceAll(
              '\n',
              crlf ? '\r\n' : '\n',
            )
          assert.equal(await edited(file(before), after + end), file(after))
        },
      ),
    )
  })
  it('is written anew as a whole where it stands otherwise', async () => {
    for (const written of [
      `'[1, 2]'`,
      '"[1, 2]"',
      '>-\n  [1,\n  2]',
      '[1, 2]'.replace('[', "'[").replace(']', "]'"),
    ]) {
      const result = await edited(`a: 1 # one\npatch: ${written}\nb: 2\n`, '[1, 3]')
      assert.deepEqual(valueOf(await reader.read(result!)), { a: 1, patch: '[1, 3]', b: 2 })
      assert.match(result!, /^a: 1 # one\npatch: .*\n(?:.*\n)?b: 2\n$/)
    }
  })
})
