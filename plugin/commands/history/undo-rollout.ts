import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Workload } from '../../../shared/objects/core.ts'
import { isEqual } from '../../../shared/objects/content/equal.ts'
import { controllerOf, namespaceOf, type Labels } from '../../../shared/objects/kube-object.ts'
import { serviceWord } from '../../../shared/objects/text/kubectl-commands.ts'
import { fieldsOf, labelsOf } from '../../../shared/objects/unchecked.ts'
import { refuseOwned } from '../../../shared/routing/provider.ts'
import { readRevisions, type DeploymentRevision } from '../../read/plain/deployment-revisions.ts'
import { readPlainService, type PlainService } from '../../read/plain/plain-service.ts'
import { requireRolloutAllowed } from '../run-orders/rollout-allowed.ts'
import type { IntentOf } from '../../edit/intent.ts'
import type { Session } from '../../session.ts'

/**
 * Takes the last rollout of the Deployment behind a Service back, or all after a revision, where kubectl canary has
 * changed nothing of that Service and no routes lead to it; false where that is not so.
 */
export async function undoRollout(
  session: Session,
  { service, toRevision, force }: IntentOf<'undo'>,
): Promise<boolean> {
  const store = await session.store()
  if (service === undefined || store.history === undefined) return false
  const words = { namespace: session.flags.namespace, ...session.typed }
  const plain = await readPlainService(store, service, words)
  const [deployment, ...others] = plain?.deployments ?? []
  if (plain === undefined || deployment === undefined || others.length > 0) return false
  const { name, namespace } = plain.service
  const { changes, missing } = await store.history.list({ service: name, namespace })
  if (changes.length > 0 || missing !== undefined) return false
  requireUndoable(session, deployment, namespace)
  const back = revisionMeant(await readRevisions(store, plain), { deployment, toRevision, service })
  const isNew = await rollBack(session, { plain, deployment, back, force })
  const done = isNew ? 'is rolled back to' : 'is unchanged: it is at'
  const dryRun = session.flags.dryRun === 'none' ? '' : ' (dry run)'
  session.say(
    `${name}: Deployment ${deployment.metadata.name} ${done} revision ${back.revision} (${back.images.join(', ')})${dryRun}`,
  )
  return true
}

/** Throws a CanaryError: `usage` for a patch that is to be printed, `refused` where a controller would set it back. */
function requireUndoable(session: Session, object: Workload, namespace: string): void {
  if (session.flags.writing.emitPatch !== undefined)
    throw new CanaryError('usage', '--emit-patch cannot be used with the rollout of a Deployment', {
      hints: ['To see what would happen: --dry-run=server'],
    })
  const owner = controllerOf(object)
  if (owner !== undefined) refuseOwned({ object, owner: `${owner.kind} ${namespace}/${owner.name}` })
}

interface RollingBack {
  readonly plain: PlainService
  readonly deployment: Workload
  readonly back: DeploymentRevision
  readonly force: boolean
}

/** False where the Deployment has that template already. */
async function rollBack(session: Session, { plain, deployment, back, force }: RollingBack): Promise<boolean> {
  // As kubectl, without the version that was read: it changes with every pod of a rollout.
  const { resourceVersion: _, ...metadata } = deployment.metadata
  const before = { ...deployment, metadata }
  const after = rolledBack(before, back)
  if (isEqual(before.spec.template, after.spec.template)) return false
  const store = await session.store()
  // The operations of `kubectl rollout undo` (k8s.io/kubectl/pkg/polymorphichelpers, getDeploymentPatch).
  const body = [
    { op: 'replace', path: '/spec/template', value: after.spec.template },
    { op: 'replace', path: '/metadata/annotations', value: after.metadata.annotations ?? {} },
  ]
  const change = { before, after, patch: { type: 'json', body } } as const
  const inFiles = 'Take the change back in the files that it applies, as with git revert.'
  await requireRolloutAllowed(session, { change, plain, force, isForward: false, inFiles })
  await store.apply([change], { dryRun: session.flags.dryRun })
  return true
}

interface Asked {
  readonly deployment: Workload
  readonly toRevision: number | undefined
  readonly service: string
}

/** The revision that is named, else the one before the present one. Throws a CanaryError where there is none. */
function revisionMeant(
  revisions: readonly DeploymentRevision[],
  { deployment, toRevision, service }: Asked,
): DeploymentRevision {
  const { name } = deployment.metadata
  if (deployment.spec.paused === true)
    throw new CanaryError(
      'refused',
      `the rollout of Deployment ${name} is paused, and cannot be taken back`,
      {
        hints: [
          `Resume it first: kubectl canary resume ${serviceWord(service)} -n ${namespaceOf(deployment)}`,
        ],
      },
    )
  const found =
    toRevision === undefined ? revisions.at(-2) : revisions.find(({ revision }) => revision === toRevision)
  if (found !== undefined) return found
  throw new CanaryError(
    'not-found',
    toRevision === undefined
      ? `Deployment ${name} has no earlier revision to go back to`
      : `Deployment ${name} has no revision ${toRevision}`,
    {
      hints: [
        revisions.length === 0
          ? 'It keeps none.'
          : `Revisions: ${revisions.map(({ revision }) => revision).join(', ')}.`,
      ],
    },
  )
}

/** What an undo leaves as it is in the annotations (k8s.io/kubectl/pkg/polymorphichelpers, annotationsToSkip). */
const kept: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
])

/** The Deployment with the template and annotations of a revision, as `kubectl rollout undo` makes it. */
function rolledBack(deployment: Workload, { object }: DeploymentRevision): Workload {
  const template = fieldsOf(fieldsOf(Reflect.get(object, 'spec'))['template'])
  const metadata = fieldsOf(template['metadata'])
  const { 'pod-template-hash': _, ...labels } = labelsOf(metadata['labels'])
  const own = picked(deployment.metadata.annotations ?? {}, key => kept.has(key))
  const recorded = picked(object.metadata.annotations ?? {}, key => !kept.has(key))
  return {
    ...deployment,
    metadata: { ...deployment.metadata, annotations: { ...own, ...recorded } },
    spec: {
      ...deployment.spec,
      template: { ...template, metadata: { ...metadata, labels } },
    },
  }
}

const picked = (annotations: Labels, wants: (key: string) => boolean): Labels =>
  Object.fromEntries(Object.entries(annotations).filter(([key]) => wants(key)))
