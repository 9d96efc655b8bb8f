import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { Kind } from '../../../../shared/objects/kinds.ts'
import { fieldsOf, itemsOf } from '../../../../shared/objects/unchecked.ts'
import type { RolloutRecord } from '../../../../shared/rollout/rollout-record.ts'
import type { OwnerRef, Store } from '../../../../shared/view/store.ts'
import type { PrometheusFinder } from '../../../metrics/prometheus-finder.ts'
import { findPrometheus } from '../../../metrics/find-prometheus.ts'
import { needsPrometheus } from '../../../run/measuring.ts'
import { jobObjects } from '../../../run/job/manifests.ts'
import { rightsOf, type RunRights } from '../../../run/job/rights.ts'
import { changesOf } from '../../../run/job/touched.ts'
import type { RunWorld } from '../../../run/routes.ts'
import { readForCommand } from '../../../read/read-for-command.ts'
import type { Session } from '../../../session.ts'
import { outputOf } from '../../output.ts'
import { finderOf } from '../metric-sources.ts'
import { scrapeIntervalOf, type RunFlags } from '../run-flags.ts'
import { checkedRun, type RunTarget, type StartableRun } from '../checked-run.ts'
import { worldOf } from '../run-world.ts'
import { imageOf, filesFolder, jobCommand, uidVariable } from './job-words.ts'

/** `run --as-job`: prints the objects that carry the run out in the cluster, after all checks of a run. */
export async function printJob(
  session: Session,
  target: RunTarget,
  { flags, shared }: { readonly flags: RunFlags; readonly shared: Readonly<Record<string, unknown>> },
): Promise<void> {
  const format = outputOf(session.flags.output, ['json']) ?? 'yaml'
  const image = imageOf(flags)
  scrapeIntervalOf(flags)
  const named = withoutPassword(flags.prometheus ?? session.streams.env['KUBECTL_CANARY_PROMETHEUS'])
  const opened = await session.store()
  const owners: OwnerRef[] = []
  const store: Store = {
    ...opened,
    readOwner: async ref => {
      owners.push(ref)
      return opened.readOwner?.(ref)
    },
  }
  const world = worldOf(session, store)
  const finder = finderOf(session, store, flags)
  const { record, reading } = await checkedRun(session, { world, finder }, { target, flags })
  const { service, namespace, version } = record
  const prometheus = named ?? (await prometheusOf(session, { world, finder, record, reading }))
  const { words, files } = await jobCommand(flags, { service, namespace, version, prometheus, shared })
  if (flags.report !== undefined)
    session.noteOnce([
      '--report is left out, as the file would go with the pod: kubectl logs has the checks.',
    ])
  const rights = await rightsFor(world, record, owners)
  const objects = jobObjects({
    service,
    namespace,
    image,
    words,
    files,
    folder: filesFolder,
    uidVariable,
    rights,
  })
  session.say(await formatted(objects, format))
}

interface JobRun extends StartableRun {
  readonly world: RunWorld
  readonly finder: PrometheusFinder
}

/** The Prometheus of the run as a pod reaches it: by the address of its Service, for which it needs no rights. */
async function prometheusOf(
  session: Session,
  { world, finder, record, reading }: JobRun,
): Promise<string | undefined> {
  if (!record.plan.metrics.some(needsPrometheus) || world.store.request === undefined) return undefined
  const chosen = await finder.choose([reading])
  const { services } = await findPrometheus(
    asked => world.store.request!(asked),
    session.flags.mesh.rootNamespace,
  )
  const found = services.find(
    one =>
      chosen !== undefined
      && 'client' in chosen
      && chosen.client.name === `Service ${one.namespace}/${one.name}`,
  )
  if (found !== undefined && found.isTls !== true)
    return `http://${found.name}.${found.namespace}.svc:${found.port}`
  throw new CanaryError('usage', 'it is not known how a pod reaches the Prometheus', {
    hints: ['Name its address in the cluster: --prometheus URL'],
  })
}

/** The Prometheus that a person named. Throws `usage` for one with a password. */
function withoutPassword(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.username === '' && url.password === '')) return text
  throw new CanaryError('usage', 'the URL of the Prometheus has a password, which the Job would show', {
    hints: ['Name one that the pod reaches without a password: --prometheus URL'],
  })
}

async function formatted(objects: readonly object[], format: 'yaml' | 'json'): Promise<string> {
  if (format === 'json')
    return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, undefined, 2)
  const { stringify } = await import('yaml')
  return objects
    .map(object => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n')
}

async function rightsFor(
  world: RunWorld,
  record: RolloutRecord,
  owners: readonly OwnerRef[],
): Promise<RunRights> {
  const { store } = world
  const { service, namespace, command, plan } = record
  const hasCohort = plan.stages.some(({ kind }) => kind === 'cohort')
  const also: readonly Kind[] = [
    'HorizontalPodAutoscaler',
    ...(hasCohort ? ['RequestAuthentication' as const] : []),
  ]
  const [reading, isServed, { leaseName }] = await Promise.all([
    readForCommand(store, { service, namespace, command, also }),
    servedGroups(store),
    import('../../../../shared/live/runs/lease-object.ts'),
  ])
  const mesh = reading.view.list('ConfigMap')[0]?.metadata
  return rightsOf({
    namespace,
    lease: leaseName(service),
    changes: changesOf(world, reading, record),
    also,
    isServed,
    owners: [...new Map(owners.map(ref => [JSON.stringify(ref), ref])).values()],
    createsJobs: plan.metrics.some(({ source: { kind } }) => kind === 'job'),
    watchesPods: plan.metrics.some(({ source: { kind } }) => kind === 'pod-failures'),
    mesh: mesh && { namespace: mesh.namespace ?? '', name: mesh.name },
  })
}

/** Whether the cluster has an API group; all of them where it does not tell. */
async function servedGroups(store: Store): Promise<(group: string) => boolean> {
  const answer = await store.request?.({ path: '/apis' })
  if (answer?.status !== 200) return () => true
  const groups = itemsOf(fieldsOf(JSON.parse(answer.text))['groups']).map(group => fieldsOf(group)['name'])
  return group => group === '' || groups.includes(group)
}
