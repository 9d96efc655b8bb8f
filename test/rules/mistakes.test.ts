import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openStore } from '../../plugin/open-store.ts'
import { runCommand } from '../plugin/run-command.ts'

/** Mistakes that people make with Istio's routing, each in a folder of its own that says what lint is to find. */
const folder = new URL('../fixtures/mistakes/', import.meta.url)
const filesIn = (name: string): readonly string[] => readdirSync(new URL(`${name}/`, folder))
const pathOf = (name: string): string => fileURLToPath(new URL(name, folder))

interface Found {
  readonly rule: string
  readonly severity: string
  readonly kind: string
  readonly name: string
  readonly message: string
}

async function lint(file: string, ...flags: readonly string[]): Promise<readonly Found[]> {
  const { stdout } = await runCommand(['lint', '-f', pathOf(file), '-o', 'json', ...flags], {
    store: openStore,
  })
  return (JSON.parse(stdout) as { readonly findings: readonly Found[] }).findings
}
const said = ({ severity, rule, kind, name }: Found): string => `${severity} ${rule} ${kind} ${name}`

describe('a mistake is found in its files alone', () => {
  const files = filesIn('broken')
  it('of which there are at least 40', () => assert.ok(files.length >= 40, String(files.length)))
  for (const file of files)
    it(file, async () => {
      const [, wanted] = /^# finds: (.*)$/m.exec(readFileSync(pathOf(`broken/${file}`), 'utf8')) ?? []
      const found = await lint(`broken/${file}`)
      assert.ok(
        found.map(said).includes(wanted!),
        `${wanted}\n${found.map(each => `${said(each)}: ${each.message}`).join('\n')}`,
      )
    })
})

describe('what looks like a mistake and is none has no finding', () => {
  const files = filesIn('healthy')
  it('of which there are at least 12', () => assert.ok(files.length >= 12, String(files.length)))
  for (const file of files)
    it(file, async () =>
      assert.deepEqual(
        (await lint(`healthy/${file}`)).map(({ rule, message }) => `${rule}: ${message}`),
        [],
      ),
    )
})
