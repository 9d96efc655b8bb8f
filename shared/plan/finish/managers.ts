import { CanaryError } from '../../objects/canary-error.ts'
import { isEqual } from '../../objects/content/equal.ts'
import { refOf, resources } from '../../objects/kinds.ts'
import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, isFields, textOf } from '../../objects/unchecked.ts'
import { shellWord } from '../../objects/text/kubectl-commands.ts'
import type { Note } from '../../routing/note.ts'
import type { Change } from '../../view/change.ts'

/** A tool that applies an object from somewhere else. */
interface Manager {
  readonly tool: 'Argo CD' | 'Flux' | 'Helm'
  /** What of it: `the Application shop`. */
  readonly owner: string
  /** It sets an edit back by itself, and not only at the next release. */
  readonly reverts: boolean
  /** How it is told to leave the edit, each line a sentence, a command or a part of YAML. */
  readonly rule: readonly string[]
}

/** The tool that an object of a cluster is applied by. Files carry no marks that matter: there the files are the source. */
function managerOf({ before, after }: Change): Manager | undefined {
  if (before?.metadata.uid === undefined) return undefined
  const marks = { ...fieldsOf(before.metadata.labels), ...fieldsOf(before.metadata.annotations) }
  const said = (key: string): string | undefined => textOf(marks[key])
  const application =
    said('argocd.argoproj.io/tracking-id')?.split(':', 1)[0] ?? said('argocd.argoproj.io/instance')
  if (application !== undefined) return argoCd(application, { before, after })
  const [kustomization, release] = [
    said('kustomize.toolkit.fluxcd.io/name'),
    said('helm.toolkit.fluxcd.io/name'),
  ]
  if (kustomization !== undefined)
    return flux({
      owner: `the Kustomization ${kustomization}`,
      annotation: 'kustomize.toolkit.fluxcd.io/reconcile',
      before,
    })
  if (release !== undefined)
    return flux({
      owner: `the HelmRelease ${release}`,
      annotation: 'helm.toolkit.fluxcd.io/driftDetection',
      before,
    })
  const helm = said('meta.helm.sh/release-name')
  return helm === undefined
    ? undefined
    : { tool: 'Helm', owner: `the release ${helm}`, reverts: false, rule: [] }
}

/**
 * https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/: the narrowest path, so that Argo CD goes on to
 * apply the rest.
 */
function argoCd(application: string, { before, after }: Change): Manager {
  const { kind, metadata } = before!
  const path = isOfWeights({ before, after }) ? '.spec.http[].route[].weight' : '.spec.http'
  const { group } = resources[refOf(before!).kind]
  return {
    tool: 'Argo CD',
    owner: `the Application ${application}`,
    reverts: true,
    rule: [
      `To have Argo CD leave it, add this to the Application ${application}:`,
      '  spec:',
      '    ignoreDifferences:',
      `    - {group: ${group}, kind: ${kind}, name: ${metadata.name}, namespace: ${metadata.namespace ?? ''}, jqPathExpressions: ["${kind === 'VirtualService' ? path : '.spec.subsets'}"]}`,
      '    syncPolicy:',
      '      syncOptions: [RespectIgnoreDifferences=true]',
    ],
  }
}

/** https://fluxcd.io/flux/components/kustomize/kustomizations/ and .../helm/helmreleases/ */
function flux({
  owner,
  annotation,
  before,
}: {
  readonly owner: string
  readonly annotation: string
  readonly before: KubeObject
}): Manager | undefined {
  const isLeft = textOf(fieldsOf(before.metadata.annotations)[annotation])?.toLowerCase() === 'disabled'
  const isRelease = annotation.startsWith('helm.')
  if (isLeft && !isRelease) return undefined
  const { kind, namespace, name } = refOf(before)
  const { group, plural } = resources[kind]
  return {
    tool: 'Flux',
    owner,
    reverts: !isLeft,
    rule: [
      `To have Flux leave it: kubectl annotate ${plural}.${group} ${shellWord(name)} -n ${shellWord(namespace)} ${annotation}=disabled`,
      ...(isRelease ? ['The next upgrade of the release still overwrites the edit.'] : []),
    ],
  }
}

/** Whether the routes stay as they are but for their weights. */
const isOfWeights = ({ before, after }: Change): boolean =>
  after !== undefined && isEqual(withoutWeights(specOf(before!)), withoutWeights(specOf(after)))

const specOf = (object: KubeObject): unknown => Reflect.get(object, 'spec')

const withoutWeights = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutWeights)
    : isFields(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, item]) =>
            key === 'weight' ? [] : [[key, withoutWeights(item)]],
          ),
        )
      : value

/** How a person goes on where a tool would set an edit back. */
export interface Insisting {
  readonly force: boolean
  /** The command as it was typed, without `kubectl canary`. */
  readonly command: string
}

/**
 * Throws a CanaryError `refused` where Argo CD or Flux would set an edit back, unless the person insists: it
 * says how the tool is told to leave it, and where the edit belongs.
 */
export function refuseManaged(changes: readonly Change[], { force, command }: Insisting): void {
  if (force) return
  const managed = changes.flatMap(change => {
    const manager = managerOf(change)
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

/** A note for each changed object of a cluster that Flux, Argo CD or Helm applies, and may set back. */
export function managersOf(changes: readonly Change[]): readonly Note[] {
  return changes.flatMap(change => {
    const manager = managerOf(change)
    return manager === undefined
      ? []
      : [{ kind: 'applied-by' as const, object: refOf(change.before!), tool: manager.tool }]
  })
}
