import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { replaceFiles, type Replacement } from '../../../shared/manifests/files/replace-files.ts'
import type { Session } from '../../session.ts'
import type { Streams } from '../../streams.ts'
import { withBlock, withoutBlock } from './block.ts'
import { completer, madeLink, missingLink, type LinkChange } from './complete-link.ts'
import type { Shell } from './scripts.ts'
import { shellOf, startUpOf, type StartUp } from './start-up.ts'

/** What is to be done: put there or taken away. */
export type SetUp = 'install' | 'uninstall'

/** Makes a shell complete at its start, or no longer; says a line for each file. Twice is as once. */
export async function setUp(session: Session, what: SetUp, named: Shell | undefined): Promise<void> {
  const { env } = session.streams
  const shell = shellOf(named, env)
  const startUp = await startUpOf(shell, env)
  const before = textOf(startUp.path)
  const after = what === 'install' ? installed(startUp, before) : uninstalled(startUp, before)
  const link = what === 'install' ? missingLink(env) : madeLink(env)
  const isDry = session.flags.dryRun !== 'none'
  if (!isDry) carryOut({ path: startUp.path, before, after }, link)
  const ending = isDry ? ' (dry run)' : ''
  session.say(`${startUp.path} ${wordOf(before, after)}${before === after ? '' : ending}`)
  if (link !== undefined) session.say(`${link.path} ${what === 'install' ? 'created' : 'deleted'}${ending}`)
  if (what === 'uninstall') return
  if (link === undefined) session.say(`${completer(env)} unchanged`)
  session.note(adviceOf(shell, before, env))
}

function carryOut(change: Replacement, link: LinkChange | undefined): void {
  if (change.before !== change.after) {
    mkdirSync(dirname(change.path), { recursive: true })
    replaceFiles([change])
  }
  link?.carryOut()
}

function wordOf(before: string | undefined, after: string | undefined): string {
  if (before === after) return 'unchanged'
  if (after === undefined) return 'deleted'
  return before === undefined ? 'created' : 'configured'
}

function installed({ path, content }: StartUp, before: string | undefined): string {
  return 'whole' in content ? content.whole : withBlock(before ?? '', content.lines, path)
}

function uninstalled({ path, content }: StartUp, before: string | undefined): string | undefined {
  if (before === undefined || 'whole' in content) return undefined
  const rest = withoutBlock(before, path)
  return rest === '' && before !== '' ? undefined : rest
}

/** The text of a file; undefined where there is none. Throws for what is no text that we could leave as it is. */
function textOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path))
    if (!text.includes('\u0000')) return text
  } catch (error) {
    if (!(error instanceof TypeError)) throw unreadable(path, (error as Error).message, error)
  }
  throw unreadable(path, 'it is not text in UTF-8', undefined)
}

const unreadable = (path: string, reason: string, cause: unknown): CanaryError =>
  new CanaryError('unreadable', `${path}: cannot be read: ${reason}`, {
    hints: ['Nothing was changed. Set completion up by hand: kubectl canary completion --help'],
    cause,
  })

/** kubectl's own completion asks our program, in every shell alike. */
function adviceOf(shell: Shell, startUp: string | undefined, env: Streams['env']): string {
  const again = `Start a new ${shell === 'powershell' ? 'PowerShell' : shell} to use it.`
  const hasKubectl = shell === 'fish' || (startUp ?? '').includes('kubectl completion')
  return hasKubectl || env['CI'] === 'true'
    ? again
    : `${again} \`kubectl canary\` completes where kubectl does: kubectl completion --help`
}
