import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAllDocuments, stringify } from 'yaml'
import { openStore } from '../../plugin/open-store.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { describedForLint, describedRules } from '../../shared/rules/described.ts'
import { disableComment, exemptAnnotation } from '../../shared/rules/exemptions.ts'
import { exampleOf } from '../../site/pages/rule-examples.ts'
import { configReader } from '../../webhook/config/read-config.ts'
import { runCommand } from '../plugin/run-command.ts'

/** What lint says of an object, as far as an exemption goes by it. */
interface Said {
  readonly rule: string
  readonly kind: string
  readonly name: string
  readonly line: number
}

async function found(text: string, id: string): Promise<readonly Said[]> {
  const { stdout } = await runCommand(['lint', '-', '-o', 'json'], { store: openStore, stdin: text })
  return (JSON.parse(stdout) as { readonly findings: readonly Said[] }).findings.filter(
    ({ rule }) => rule === id,
  )
}

function annotated(text: string, { rule, kind, name }: Said): string {
  const documents = parseAllDocuments(text)
  for (const document of documents)
    if (document.get('kind') === kind && document.getIn(['metadata', 'name']) === name)
      document.setIn(['metadata', 'annotations', exemptAnnotation], `${rule}: why this is right here`)
  return documents.map(document => stringify(document.toJS())).join('---\n')
}

function commented(text: string, { rule, line }: Said): string {
  const lines = text.split('\n')
  const indent = /^ */.exec(lines[line - 1]!)![0]
  return lines
    .toSpliced(line - 1, 0, `${indent}# ${disableComment} ${rule}: why this is right here`)
    .join('\n')
}

/** Rules that cannot be switched off in a file, as their pages say. */
const always: ReadonlySet<string> = new Set(['unreadable-manifest', 'invalid-exemption'])

describe('the ways to switch a rule off that its page shows take the finding away', () => {
  for (const { id } of describedForLint(catalogue).filter(rule => !always.has(rule.id)))
    it(id, async () => {
      const { wrong, complete } = exampleOf(id)!
      const [first, ...more] = await found(wrong, id)
      if (first === undefined) return assert.ok(complete, 'lint finds it in a cluster only')
      const left = more.length
      assert.equal((await found(commented(wrong, first), id)).length <= left, true, 'by a comment')
      assert.equal(
        (await found(annotated(wrong, first), id)).some(
          ({ name, kind }) => name === first.name && kind === first.kind,
        ),
        false,
        'by an annotation',
      )
    })
})

it('the guard takes each rule that it judges as one to switch off', () => {
  const ids = describedRules(catalogue).map(({ id }) => id)
  const read = configReader(ids)
  for (const id of ids) assert.equal(read(`rules:\n  ${id}: "off"\n`).rules[id], 'off', id)
})
