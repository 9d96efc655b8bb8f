import type { Kind } from '../objects/kinds.ts'
import { resources } from '../objects/kinds.ts'
import type { Ref } from '../objects/kube-object.ts'
import { escaped, escapedLines } from '../objects/text/escaped.ts'
import type { ServiceReading } from '../routing/provider.ts'
import type { Finding } from '../rules/rule.ts'
import type { FixPlace } from '../rules/fixes/fix-text.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { worstOf, type CheckResult, type ReadinessState } from './check.ts'
import { namespaceChecks, serviceChecks } from './checks.ts'
import { listed, resourceOf } from './facts/names.ts'
import { fixLines } from './fix-lines.ts'
import { serviceFindings, type FindingsQuestion } from './service-findings.ts'
import { isOfGateway, subjectOf, versionsOutsideMesh, type RolloutOwners } from './subject.ts'

/** What one check says of one service or namespace. */
export interface CheckOutcome {
  readonly id: string
  readonly state: ReadinessState
  readonly results: readonly CheckedResult[]
}

/** One thing that a check says, with its fix as lines: commands, and sentences between them. */
export interface CheckedResult {
  readonly state: ReadinessState
  readonly ref: Ref
  /** The field that it is about, where a rule names one. */
  readonly finding?: Finding | undefined
  readonly message: string
  readonly fix: readonly string[]
}

/** Whether a service or a namespace is ready. */
export interface ReadinessReport {
  readonly ref: Ref<'Service' | 'Namespace'>
  readonly state: ReadinessState
  readonly checks: readonly CheckOutcome[]
  /** The folders, files or places whose definitions it is about; left out where it is about all of them. */
  readonly places?: readonly string[]
}

/** What is judged, and how fixes are said. */
export interface ReadinessQuestion {
  readonly view: ClusterView
  readonly readings: readonly ServiceReading[]
  /** The namespaces that are judged as a whole; none where one service was asked about. */
  readonly namespaces: readonly string[]
  readonly live: boolean
  /** The time in milliseconds since 1970. */
  readonly now: number
  readonly place: FixPlace
  readonly owners?: RolloutOwners | undefined
  /** What the files leave to be filled in. */
  readonly sources?: FindingsQuestion['sources']
  readonly judging?: FindingsQuestion['judging']
}

/** A report for each namespace, then one for each service; a gateway's own Service is left out of many. */
export function judgeReadiness(question: ReadinessQuestion): readonly ReadinessReport[] {
  const { view, readings, namespaces, live, place, owners } = question
  const isOneOfMany = namespaces.length > 0
  const findings = serviceFindings(readings, question)
  const services = readings
    .filter(reading => !isOneOfMany || !isOfGateway(reading))
    .map(reading => {
      const { name, namespace } = reading.service
      const owner = owners?.ofService(reading.service)
      const subject = subjectOf(reading, { findings: findings(reading), live, isOneOfMany, owner })
      const ref = { kind: 'Service', namespace, name } as const
      const checks = reading.isOutsideMesh === true ? checksOutsideMesh : serviceChecks
      return reportOf({ ref, view, live, place }, checks, subject)
    })
  const wholes = namespaces.map(namespace =>
    reportOf(
      { ref: { kind: 'Namespace', namespace: '', name: namespace }, view, live, place },
      isOutsideMesh(readings, namespace)
        ? namespaceChecks.filter(({ ofMesh }) => ofMesh !== true)
        : namespaceChecks,
      {
        view,
        namespace,
        live,
        rollouts: owners?.in(namespace) ?? [],
        switchedTo: new Set(readings.filter(isIn(namespace)).flatMap(versionsOutsideMesh)),
      },
    ),
  )
  return [...wholes, ...services]
}

/** The checks of a service that no mesh routes. */
const checksOutsideMesh = serviceChecks.filter(({ ofMesh }) => ofMesh !== true)

const isIn =
  (namespace: string) =>
  ({ service }: ServiceReading): boolean =>
    service.namespace === namespace

/** Whether a namespace has services, and no mesh routes any of them. */
function isOutsideMesh(readings: readonly ServiceReading[], namespace: string): boolean {
  const own = readings.filter(isIn(namespace))
  return own.length > 0 && own.every(reading => reading.isOutsideMesh === true)
}

interface Reported {
  readonly ref: ReadinessReport['ref']
  readonly view: ClusterView
  readonly live: boolean
  readonly place: FixPlace
}

interface AnyCheck<S> {
  readonly id: string
  readonly needs: readonly Kind[]
  readonly liveOnly?: true
  readonly ofMesh?: true
  check(subject: S): Iterable<CheckResult>
}

function reportOf<S>(reported: Reported, checks: readonly AnyCheck<S>[], subject: S): ReadinessReport {
  const outcomes = checks
    .filter(({ liveOnly }) => liveOnly !== true || reported.live)
    .map(check => outcomeOf(reported, check, subject))
    .filter(outcome => outcome !== undefined)
  return { ref: reported.ref, state: worstOf(outcomes.map(({ state }) => state)), checks: outcomes }
}

function outcomeOf<S>(reported: Reported, check: AnyCheck<S>, subject: S): CheckOutcome | undefined {
  const { view, ref, place } = reported
  const unread = check.needs.filter(kind => view.unread.has(kind))
  const results = unread.length > 0 ? [noPermission(reported, unread)] : [...check.check(subject)]
  // A pass is reported only if the check has no other result.
  const faults = results.filter(({ state }) => state !== 'pass')
  const said = faults.length > 0 ? faults : results.slice(0, 1)
  if (said.length === 0) return undefined
  return {
    id: check.id,
    state: worstOf(said.map(({ state }) => state)),
    results: said.map(result => ({
      state: result.state,
      ref: result.ref ?? ref,
      finding: result.finding,
      message: escaped(result.message),
      fix: fixLines(result, place).flatMap(line => escapedLines(line).split('\n')),
    })),
  }
}

/** The result of a check if the kinds that it needs may not be listed. */
function noPermission({ ref }: Reported, kinds: readonly Kind[]): CheckResult {
  const names = [...new Set(kinds.map(resourceOf))]
  const where = kinds.every(kind => resources[kind].namespaced)
    ? ` in ${ref.kind === 'Namespace' ? ref.name : ref.namespace}`
    : ''
  return { state: 'unknown', message: `no permission to list ${listed(names)}${where}` }
}
