import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { putPrograms } from './built-programs.ts'

const licenceOfAPackage = /^(?:@[\w.-]+\/)?[\w.-]+ \d+\.\d+\.\d+\S* \((.*)\)$/gm

/** Licences that allow our own (Apache-2.0) and ask for their text beside what ships. */
const allowed = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'Python-2.0',
]

test('everything that is bundled has its licence beside it, and one that allows ours', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'canary-licences-'))
  try {
    await putPrograms(folder)
    const parts = (await readFile(join(folder, 'THIRD-PARTY-LICENCES.txt'), 'utf8')).split(
      `\n${'-'.repeat(80)}\n\n`,
    )
    assert.ok(parts.length > 50)
    for (const part of parts) {
      const [title = '', , ...text] = part.split('\n')
      const [[, licence] = []] = [...title.matchAll(licenceOfAPackage)]
      assert.ok(licence !== undefined && allowed.includes(licence), title)
      assert.ok(text.join('\n').trim().length > 100, `${title} has no text`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
