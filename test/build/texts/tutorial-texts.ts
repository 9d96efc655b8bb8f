import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TutorialShell } from './tutorial-shell.ts'

const root = join(import.meta.dirname, '../../..')
const folder = 'docs/tutorials'

/**
 * The tutorials by their files, with what their commands print now: each runs in a folder of its own with a copy of `examples`. Changes the
 * current folder of the process meanwhile.
 */
export async function tutorialTexts(): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {}
  for (const name of readdirSync(join(root, folder)).filter(name => name.endsWith('.md')))
    texts[`${folder}/${name}`] = await played(readFileSync(join(root, folder, name), 'utf8'), name)
  return texts
}

/** Where the blocks of a tutorial are played: those on files by `npm run docs`, those for a cluster by a test that has one. */
interface Stage {
  readonly fence: string
  readonly shell: TutorialShell
}

/** A tutorial whose `console` blocks show what their commands print, one after another. */
export async function played(
  text: string,
  name: string,
  { fence, shell }: Stage = { fence: 'console', shell: new TutorialShell() },
): Promise<string> {
  const before = process.cwd()
  const copy = mkdtempSync(join(tmpdir(), 'canary-tutorial-'))
  cpSync(join(root, 'examples'), join(copy, 'examples'), { recursive: true })
  process.chdir(copy)
  try {
    const parts: string[] = []
    for (const part of text.split(new RegExp(`^(\`\`\`${fence}\\n[^]*?^\`\`\`$)`, 'm')))
      parts.push(part.startsWith(`\`\`\`${fence}\n`) ? await playedBlock(part, { fence, shell }) : part)
    shell.end()
    return parts.join('')
  } catch (error) {
    throw new Error(`${folder}/${name}: ${(error as Error).message}`, { cause: error })
  } finally {
    process.chdir(before)
    rmSync(copy, { recursive: true, force: true })
  }
}

async function playedBlock(block: string, { fence, shell }: Stage): Promise<string> {
  const lines: string[] = []
  for (const [, command = ''] of block.matchAll(/^\$ (.*)$/gm))
    lines.push(`$ ${command}\n`, await shell.run(command))
  return `\`\`\`${fence}\n${lines.join('')}\`\`\``
}
