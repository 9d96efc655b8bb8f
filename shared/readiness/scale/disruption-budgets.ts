import type { PodDisruptionBudget } from '../../objects/autoscaling.ts'
import { refOf, workloadKinds } from '../../objects/kinds.ts'
import { deleteCommand, patchCommand } from '../../objects/text/kubectl-commands.ts'
import { fieldsOf, isFields, itemsOf, labelsOf, numberOf, textOf, textsOf } from '../../objects/unchecked.ts'
import type { Labels } from '../../objects/kube-object.ts'
import { pairOf } from '../../workloads/workload-indexes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import type { CheckResult, ServiceCheck } from '../check.ts'
import { listed, nameIn } from '../facts/names.ts'
import type { BehindService, ServiceSubject } from '../subject.ts'

/** A budget that allows no eviction blocks the drain of a node; every eviction of a pod with two budgets fails. */
export const disruptionBudgets: ServiceCheck = {
  id: 'disruption-budgets',
  summary: 'Each pod has at most one PodDisruptionBudget, and it allows the eviction of at least one pod.',
  fix: 'Set maxUnavailable: 1 instead of minAvailable, or run more pods; delete the second PodDisruptionBudget of the same pods.',
  needs: ['PodDisruptionBudget', ...workloadKinds],
  states: ['warn'],
  *check(subject) {
    const { view, service, workloads, services } = subject
    const running = workloads.filter(({ isDormant }) => !isDormant)
    if (services.length === 0 || running.length === 0) return
    const budgets = new Set(running.flatMap(({ labels }) => candidates(view, service.namespace, labels)))
    const covering = [...budgets]
      .map(budget => ({ budget, covered: running.filter(({ labels }) => selects(budget, labels)) }))
      .filter(({ covered }) => covered.length > 0)
    for (const each of covering) {
      const result = withoutEviction(each)
      if (result !== undefined) yield result
    }
    yield* coveredTwice(subject, running, covering)
    const names = covering.map(({ budget }) => budget.metadata.name)
    yield {
      state: 'pass',
      message:
        names.length === 0
          ? 'no PodDisruptionBudget'
          : `${listed(names)} ${names.length === 1 ? 'allows' : 'allow'} evictions`,
    }
  },
}

/** A budget, and the workloads behind the service whose pods it covers. */
interface Covering {
  readonly budget: PodDisruptionBudget
  readonly covered: readonly BehindService[]
}

function withoutEviction({ budget, covered }: Covering): CheckResult | undefined {
  const { minAvailable, maxUnavailable } = fieldsOf(budget.spec)
  const pods = covered.reduce((sum, { wanted }) => sum + wanted, 0)
  const least = countOf(minAvailable, pods)
  const most = countOf(maxUnavailable, pods)
  const allowed = most ?? (least === undefined ? undefined : pods - least)
  if (pods === 0 || allowed === undefined || allowed > 0) return undefined
  const said =
    most === undefined ? `minAvailable: ${String(minAvailable)}` : `maxUnavailable: ${String(maxUnavailable)}`
  const ref = refOf(budget)
  const names = covered.map(({ object }) => object.metadata.name)
  const has = `${listed(names)} ${names.length === 1 ? 'has' : 'have'} ${pods} ${pods === 1 ? 'pod' : 'pods'}`
  return {
    state: 'warn',
    ref,
    message: `PodDisruptionBudget ${ref.name} allows no eviction (${said}, and ${has}): a node with such a pod cannot be drained`,
    fix: {
      commands: [patchCommand(ref, 'merge', { spec: { minAvailable: null, maxUnavailable: 1 } })],
      sets: [
        ...(minAvailable === undefined ? [] : [{ ref, path: ['spec', 'minAvailable'], value: undefined }]),
        { ref, path: ['spec', 'maxUnavailable'], value: 1 },
      ],
    },
  }
}

/** A number of pods, or of a percentage of them, which Kubernetes rounds up. */
function countOf(said: unknown, pods: number): number | undefined {
  const percent = /^(\d+)%$/.exec(textOf(said) ?? '')?.[1]
  return percent === undefined ? numberOf(said) : Math.ceil((Number(percent) * pods) / 100)
}

function* coveredTwice(
  { service }: ServiceSubject,
  running: readonly BehindService[],
  covering: readonly Covering[],
): Iterable<CheckResult> {
  const told = new Set<PodDisruptionBudget>()
  for (const workload of running) {
    const [first, second] = covering.filter(({ covered }) => covered.includes(workload))
    if (first === undefined || second === undefined) continue
    // The fix deletes the budget that covers fewer workloads.
    const [fewer, other] = first.covered.length < second.covered.length ? [first, second] : [second, first]
    if (told.has(fewer.budget)) continue
    told.add(fewer.budget)
    const ref = refOf(fewer.budget)
    const both = `${other.budget.metadata.name} and ${ref.name}`
    yield {
      state: 'warn',
      ref,
      message: `the pods of ${nameIn(service.namespace, workload.object)} are in two PodDisruptionBudgets, ${both}: they cannot be evicted at all`,
      fix: {
        commands: [deleteCommand(ref)],
        files: [`Remove PodDisruptionBudget ${ref.namespace}/${ref.name}`],
      },
    }
  }
}

/** The budgets that may be for pods with these labels: those that ask for one of them, or for none by its value. */
function candidates(view: ClusterView, namespace: string, labels: Labels): readonly PodDisruptionBudget[] {
  const known = byPair(view, namespace)
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return [...pairs, ''].flatMap(pair => known.get(pair) ?? [])
}

const byPair = (view: ClusterView, namespace: string): ReadonlyMap<string, readonly PodDisruptionBudget[]> =>
  once(view, [byPair, namespace], () =>
    Map.groupBy(
      view.list('PodDisruptionBudget', namespace),
      ({ spec }) => pairOf(labelsOf(fieldsOf(fieldsOf(spec)['selector'])['matchLabels'])) ?? '',
    ),
  )

/** Whether a budget is for pods with these labels; one without a selector is for none (policy/v1). */
function selects({ spec }: PodDisruptionBudget, labels: Labels): boolean {
  const { selector } = fieldsOf(spec)
  if (!isFields(selector)) return false
  return (
    Object.entries(labelsOf(selector['matchLabels'])).every(([key, value]) => labels[key] === value)
    && itemsOf(selector['matchExpressions']).every(item => holds(item, labels))
  )
}

function holds(item: unknown, labels: Labels): boolean {
  const { key, operator, values } = fieldsOf(item)
  const own = labels[String(key)]
  switch (operator) {
    case 'In':
      return own !== undefined && textsOf(values).includes(own)
    case 'NotIn':
      return own === undefined || !textsOf(values).includes(own)
    case 'Exists':
      return own !== undefined
    default:
      return own === undefined
  }
}
