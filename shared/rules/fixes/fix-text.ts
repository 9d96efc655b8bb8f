import { keyOf, type KubeObject, type Ref } from '../../objects/kube-object.ts'
import { refOf } from '../../objects/kinds.ts'
import { escaped } from '../../objects/text/escaped.ts'
import { quotedWords } from '../../objects/text/kubectl-commands.ts'
import { formatPosition, type Sources } from '../../view/sources.ts'
import { formatPath, type Finding, type FixStep, type Setting } from '../rule.ts'
import { formatValue } from '../../objects/paths.ts'

/** Where the objects of a finding are written, if they are files: what is fixed there is no live object. */
export interface FixPlace {
  readonly sources?: Pick<Sources, 'positionOf'> | undefined
  /** The flags that name the files in another command: `-f k8s`. */
  readonly fileWords?: string
  /** The files are laid over a cluster: an object that is in none of them is in the cluster. */
  readonly withCluster?: boolean
}

/** Whether a fix is a command that changes the objects of a cluster. */
export const isCommand = (fix: string): boolean => /^(?:kubectl|echo) /.test(fix)

/**
 * How what is written already is fixed: by the command for a cluster, and in files by the edit of the file that holds
 * the field, never by a command that would change a cluster.
 */
export function fixTextOf(finding: Finding, place: FixPlace): string {
  const { sources, fileWords = '' } = place
  const { fix, steps, canary } = finding
  if (canary !== undefined)
    return escaped(['kubectl canary', quotedWords(canary), fileWords].filter(text => text !== '').join(' '))
  if (sources === undefined) return fix
  return (steps ?? [finding]).map(step => stepText(step, finding.ref, place)).join('\n')
}

/** The edit of files in the place of a command for a cluster. */
function stepText({ fix, sets, creates }: FixStep, own: Ref, place: FixPlace): string {
  const lines = fix.split('\n')
  const command = lines.findIndex(isCommand)
  if (command < 0) return fix
  const edit = creates !== undefined ? additionText(creates) : sets && editText(sets, own, place)
  return edit === undefined
    ? fix
    : [...lines.slice(0, command), escaped(edit), ...lines.slice(command + 1)].join('\n')
}

const additionText = (object: KubeObject): string =>
  escaped(`Add ${keyOf(refOf(object))} to the files: ${JSON.stringify(object)}`)

/**
 * The edit of one field, which names its object where that is not `own`, beside which it is said; undefined where the
 * object is in none of the files.
 */
export function editText(
  { ref, path, value, isItem }: Setting,
  own: Ref | undefined,
  { sources, withCluster = false }: FixPlace,
): string | undefined {
  const position = sources?.positionOf(ref, path)
  if (position === undefined && withCluster) return undefined
  const isOwn = own !== undefined && keyOf(ref) === keyOf(own)
  const where = isOwn
    ? ''
    : ` in ${keyOf(ref)}${position === undefined ? '' : ` (${formatPosition(position)})`}`
  if (value === undefined) return `Remove ${formatPath(path)}${where}`
  return isItem
    ? `Add to ${formatPath(path)}${where}: ${JSON.stringify(value)}`
    : `Set ${formatPath(path)}${where}: ${formatValue(value)}`
}

/** Files often hold the routes apart from what they lead to: a second object beside the owner's would be in its way. */
export const namingFileFirst = (kind: string): string =>
  `If another file has the ${kind} of this host, name that file with -f, too. Otherwise:`
