import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { commandNamespace } from '../../../shared/objects/text/kubectl-commands.ts'
import type { KnownRule } from '../../../shared/rules/repeated.ts'
import type { Finding, KindIn } from '../../../shared/rules/rule.ts'
import type { Change } from '../../../shared/view/change.ts'
import { fieldsToKeep } from '../fix/fields-to-keep.ts'

/** A finding as who makes the request may read it. */
export interface ToldFinding extends Finding {
  /** Stands for the object, where its name is not for the writer. */
  readonly toldAs?: string
}

/** What is said of an object that the writer may not read. */
const elsewhere = 'an object in another namespace'

/** The object of a finding in words. */
export const objectTold = ({ toldAs, ref }: ToldFinding): string => toldAs ?? keyOf(ref)

/** Who is told, and what of it is certain. */
export interface Telling {
  /** The namespace of the request: what is in it, the writer may know. */
  readonly namespace: string
  readonly change: Change
  /** The rules, whose summaries replace a finding that may not be shown. */
  readonly rules: readonly (KnownRule & { readonly summary: string; readonly fix: string })[]
  readonly mayRead: (objects: KindIn) => boolean
}

/**
 * The objects of other namespaces that a finding mentions; undefined where the rule does not say, so that nobody may
 * be told.
 */
export function foreignIn({ ref, tells }: Finding, namespace: string): readonly KindIn[] | undefined {
  if (tells === undefined) return undefined
  const objects = [objectsWith(ref), ...tells].filter(each => each.namespace !== namespace)
  return [...new Map(objects.map(each => [`${each.kind} ${each.namespace}`, each])).values()]
}

/** A Namespace is of itself. */
const objectsWith = ({ kind, namespace, name }: Ref): KindIn => ({
  kind,
  namespace: kind === 'Namespace' ? name : namespace,
})

/**
 * A finding as the writer may read it: as it is, except for commands that change objects of other namespaces; or, where
 * it mentions objects that the writer may not read, as the summary of its rule.
 */
export function toldFinding(finding: Finding, telling: Telling): ToldFinding {
  const { namespace, mayRead } = telling
  const foreign = foreignIn(finding, namespace)
  if (foreign !== undefined && foreign.every(mayRead))
    return { ...finding, fix: ownCommands(finding.fix, namespace) }
  const { summary, fix } = telling.rules.find(({ id }) => id === finding.rule) ?? { summary: '', fix: '' }
  const holder = objectsWith(finding.ref)
  const isOwn = holder.namespace === namespace
  const isNamed = isOwn || mayRead(holder)
  const broken = `this does not hold: ${summary.charAt(0).toLowerCase()}${summary.slice(1).replace(/\.$/, '')}`
  return {
    ...finding,
    message: isNamed ? `because of ${elsewhere}, ${broken}` : broken,
    fix: isOwn ? fix : fixBy(telling.change, fix),
    ...(isNamed ? {} : { toldAs: elsewhere, path: [] }),
  }
}

/**
 * The fix of what depends on the written object and is somebody else's: to leave the written object as it was. What only
 * comes with it, such as a DestinationRule that lacks subsets, is completed as the rule says.
 */
function fixBy({ before, after }: Change, general: string): string {
  const lines = before === undefined || after === undefined ? [] : fieldsToKeep(before, after)
  const object = keyOf(refOf((before ?? after)!))
  if (lines.length > 0) return [`Keep in ${object}, as it was:`, ...lines].join('\n')
  return after === undefined
    ? `The objects in other namespaces that need ${object} must be changed first, by somebody who has the permission.`
    : general
}

/** The lines of a fix, with the namespace in place of each command that changes objects of another one. */
function ownCommands(fix: string, namespace: string): string {
  const lines = fix.split('\n').map(line => {
    const changed = commandNamespace(line)
    return changed === undefined || changed === namespace ? line : ownersOf(changed)
  })
  return [...new Set(lines)].join('\n')
}

/** Who makes a change of which the command is not for the writer. */
const ownersOf = (namespace: string): string =>
  `a change in ${namespace === '' ? 'another namespace' : `namespace ${namespace}`}, which its owners must make`
