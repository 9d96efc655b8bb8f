/** Writes the documents that are derived from the code; with `--check` it only says whether they are up to date. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { chartReadmeText } from './texts/chart-readme-text.ts'
import { chartText } from './texts/chart-text.ts'
import { commandsText } from './texts/commands-text.ts'
import { doctorText } from './texts/doctor-text.ts'
import { providersText } from './texts/providers-text.ts'
import { rulesText } from './texts/rules-text.ts'
import { tutorialTexts } from './texts/tutorial-texts.ts'

const root = join(import.meta.dirname, '../..')
const documents: Readonly<Record<string, string>> = {
  'charts/canary-guard/README.md': chartReadmeText(),
  'docs/chart.md': chartText(),
  'docs/commands.md': commandsText(),
  'docs/doctor.md': doctorText(),
  'docs/providers.md': providersText(),
  'docs/rules.md': rulesText(),
  ...(await tutorialTexts()),
}
const isCheck = process.argv.includes('--check')

for (const [name, text] of Object.entries(documents)) {
  const file = join(root, name)
  const before = await readFile(file, 'utf8').catch(() => '')
  if (before === text) continue
  if (isCheck) {
    console.error(`error: ${name} is not what the code says: npm run docs`)
    process.exitCode = 1
  } else {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
    console.log(`wrote ${name}`)
  }
}
