import { CanaryError } from '../../objects/canary-error.ts'
import { refOf } from '../../objects/kinds.ts'
import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import type { Note } from '../../routing/note.ts'
import type { Change } from '../../view/change.ts'
import type { OwnerRef } from '../../view/store.ts'
import type { Plan } from '../plan.ts'
import { applicationOf, argoCd } from './argo-cd.ts'
import { flux, helmReleaseOf } from './flux.ts'
import { marksOf, ownerKey, type ApplyingTool, type Owners } from './applying-tool.ts'

/** An object of a cluster, not of files: there the files are the source. */
const isLive = ({ before }: Change): boolean => before?.metadata.uid !== undefined

/** The objects of Argo CD and Flux that say what they leave of the changed ones, each once. */
export function ownersOf(changes: readonly Change[]): readonly OwnerRef[] {
  const refs = changes.filter(isLive).flatMap(({ before }) => {
    const ref = applicationOf(before!) ?? helmReleaseOf(before!)
    return ref === undefined ? [] : [[ownerKey(ref), ref] as const]
  })
  return [...new Map(refs).values()]
}

/** The tool that an object of a cluster is applied by. */
function managerOf(change: Change, owners: Owners): ApplyingTool | undefined {
  // Nobody applies a status from elsewhere.
  if (!isLive(change) || change.patch?.subresource === 'status') return undefined
  const found = argoCd(change, owners) ?? flux(change, owners)
  if (found !== undefined || hasFluxMark(change)) return found
  const release = marksOf(change.before!)('meta.helm.sh/release-name')
  return release === undefined
    ? undefined
    : { tool: 'Helm', owner: `the release ${release}`, reverts: false, rule: [] }
}

/** The tool that applies an object of a cluster from somewhere else; undefined for an object of files. */
export const applierOf = (
  object: KubeObject,
  owners: Owners,
): Pick<ApplyingTool, 'tool' | 'owner'> | undefined => managerOf({ before: object }, owners)

/** What a Kustomization is told to leave belongs to nobody. */
const hasFluxMark = ({ before }: Change): boolean =>
  marksOf(before!)('kustomize.toolkit.fluxcd.io/name') !== undefined

/** How a person can continue if a tool would set an edit back. */
export interface Insisting {
  readonly force: boolean
  /** The command as it was typed, without `kubectl canary`. */
  readonly command: string
  /** What the tools say of what they leave, as far as it could be read. */
  readonly owners: Owners
}

/**
 * Throws a CanaryError `refused` where Argo CD or Flux would set an edit back, unless the person insists: it
 * says how the tool is told to leave it, and where the edit belongs.
 */
export function refuseManaged(changes: readonly Change[], { force, command, owners }: Insisting): void {
  if (force) return
  const managed = changes.flatMap(change => {
    const manager = managerOf(change, owners)
    return manager?.reverts === true ? [{ object: refOf(change.before!), manager }] : []
  })
  const [first] = managed
  if (first === undefined) return
  const { tool, owner } = first.manager
  const objects = managed.map(({ object }) => keyOf(object)).join(', ')
  throw new CanaryError(
    'refused',
    `${objects} ${managed.length === 1 ? 'is' : 'are'} applied by ${tool} (${owner}), which reverts edits on the cluster`,
    {
      hints: [
        `Edit the files that ${tool} applies: kubectl canary ${command} -f PATH`,
        ...new Set(managed.flatMap(({ manager }) => manager.rule)),
        `To edit the cluster now, until ${tool} reverts it: kubectl canary ${command} --force`,
      ],
    },
  )
}

/**
 * The plan with a note for each changed object of a cluster that Flux, Argo CD or Helm applies: that it may be set
 * back, or why it stays.
 */
export function withManagers(plan: Plan, owners: Owners): Plan {
  const managed = plan.changes.flatMap(change => {
    const manager = managerOf(change, owners)
    return manager === undefined ? [] : [{ object: refOf(change.before!), manager }]
  })
  if (managed.length === 0) return plan
  const notes = managed.map(({ object, manager: { tool, keeps } }): Note =>
    keeps === undefined
      ? { kind: 'applied-by', object, tool }
      : { kind: 'edit-kept', object, tool, by: keeps },
  )
  const keepsClaims = managed.some(({ manager }) => manager.keepsClaimed === true)
  return { ...plan, notes: [...plan.notes, ...notes], ...(keepsClaims && { keepsClaims }) }
}
