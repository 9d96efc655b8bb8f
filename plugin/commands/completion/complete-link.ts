import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  lstatSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { delimiter, dirname, extname, join, relative, sep } from 'node:path'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Streams } from '../../streams.ts'

/** What kubectl asks for completions of `kubectl canary`: the same program under this name. */
const linkName = 'kubectl_complete-canary'
const programName = 'kubectl-canary'

/** A link that is to be made or removed; none where all is as it should be. */
export interface LinkChange {
  readonly path: string
  /** Makes or removes it. */
  carryOut(): void
}

const isWindows = sep === '\\'
const suffixes = isWindows ? ['.exe', '.cmd', ''] : ['']

/** The first file of this name on the PATH. */
function onPath(name: string, env: Streams['env']): string | undefined {
  return (env['PATH'] ?? env['Path'] ?? '')
    .split(delimiter)
    .filter(folder => folder !== '')
    .flatMap(folder => suffixes.map(suffix => join(folder, name + suffix)))
    .find(path => existsSync(path) && statSync(path).isFile())
}

/** The path of the program that completes, where the PATH has one. */
export const completer = (env: Streams['env']): string | undefined => onPath(linkName, env)

/** The link beside the program on the PATH; undefined where the PATH has one already. Throws where there is no place for it. */
export function missingLink(env: Streams['env']): LinkChange | undefined {
  if (completer(env) !== undefined) return undefined
  const program = onPath(programName, env)
  if (program === undefined)
    throw new CanaryError(
      'not-found',
      `${programName} is not on the PATH, so that no shell could ask it for completions`,
      {
        hints: ['Put the folder with kubectl-canary on the PATH, then run this again.'],
      },
    )
  const folder = dirname(program)
  const path = join(folder, linkName + (extname(program) === '.exe' ? '.exe' : ''))
  const target = targetOf(program)
  if (!mayWrite(folder))
    throw new CanaryError('unwritable', `${folder}: ${linkName} cannot be put there, beside ${programName}`, {
      hints: [`sudo ln -s ${relative(folder, target)} ${path}`],
    })
  return {
    path,
    // A relative link leads to the next version too, when an installer changes what the program's name leads to.
    carryOut: () => (isWindows ? linkSync(target, path) : symlinkSync(relative(folder, target), path)),
  }
}

/** npm's package has a file of its own for it, beside the program's. */
function targetOf(program: string): string {
  const real = realpathSync(program)
  return extname(real) === '.js' ? join(dirname(real), `${linkName}.js`) : program
}

/** The link that `missingLink` would make, where it is there: npm's own, and what others made, stay. */
export function madeLink(env: Streams['env']): LinkChange | undefined {
  const [link, program] = [completer(env), onPath(programName, env)]
  if (link === undefined || program === undefined || dirname(link) !== dirname(program)) return undefined
  const isOurs = isWindows
    ? statSync(link).ino === statSync(program).ino
    : lstatSync(link).isSymbolicLink() && readlinkSync(link) === programName
  return isOurs ? { path: link, carryOut: () => rmSync(link) } : undefined
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
