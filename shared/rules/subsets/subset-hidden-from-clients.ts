import { rulesCovering, type MergedRule } from '../../providers/istio/resolve/destination-rules.ts'
import { diagnosesOf, type Diagnosis } from '../../providers/istio/read/routes/diagnoses.ts'
import type { DestinationOutcome, Reference } from '../../providers/istio/resolve/evaluate.ts'
import { keyOf } from '../../objects/kube-object.ts'
import { textOf } from '../../objects/unchecked.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import {
  aboutReference,
  formatClients,
  groundsOf,
  nameOf,
  pathOf,
  writtenIn,
  routingNeeds,
  routingReads,
} from '../facts/destinations.ts'
import {
  formatPath,
  type Finding,
  type KindIn,
  type RestsOn,
  type Rule,
  type RuleSettings,
  type Severities,
  type Violation,
  type Worsening,
} from '../rule.ts'
import { addingSubset, appliedRule } from '../fixes/define-subset.ts'
import { importingProvider } from '../fixes/export-provider.ts'
import { exportingRule } from '../fixes/export-rule.ts'
import { hiddenProvider, unhiding } from '../fixes/unhide-subset.ts'
import { unappliedRule } from '../facts/names/unapplied-rule.ts'
import { lostOutcomes } from '../facts/lost-clients.ts'
import { clientsTold, delegateTold, rulesRestedOn, rulesTold, workloadsTold } from '../facts/tells.ts'

const id = 'subset-hidden-from-clients'
const heavy: Severities = { webhook: 'error', lint: 'error' }

const worsening: Worsening = {
  summary:
    'An error in both if a change breaks a destination that worked for a client: '
    + 'its requests were answered before the change and fail after it. '
    + "A warning in the webhook if only the clients' own DestinationRules for wildcard hosts cause it.",
  weigh({ before, after }, finding, settings) {
    const subject = after.get({ ...finding.ref, kind: 'VirtualService' })
    if (subject === undefined) return undefined
    const hidden = hiddenIn(after, subject, settings)
    const alike = hidden.get(placeOf(finding)) ?? []
    if (alike.length === 0) return undefined
    const comparison = {
      sides: { before, after },
      settings,
      before: before.get({ ...finding.ref, kind: 'VirtualService' }),
      after: subject,
    }
    const worse = alike
      .map(diagnosis => ({ diagnosis, lost: lostOutcomes(comparison, diagnosis) }))
      .find(({ lost }) => lost.length > 0)
    return worse === undefined
      ? undefined
      : { severity: heavy, ...loss(after, { ...worse, all: [...hidden.values()].flat() }, finding) }
  },
}

/**
 * Clients differ in the DestinationRule that they apply: their own namespace's hides all others, and exportTo
 * hides the rest.
 */
export const subsetHiddenFromClients: Rule<'VirtualService'> = {
  id,
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A subset that a route uses is defined for the clients in every namespace that uses the route.',
  fix:
    'Define the subset in the DestinationRule that these clients use, '
    + 'export the DestinationRule that defines it to them, or stop exporting the VirtualService to them.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: routingNeeds,
  *check(view, subject, settings) {
    const all = diagnosesOf(view, subject, settings).filter(({ fault }) => fault === id)
    for (const diagnosis of all) {
      const { reference, failing } = diagnosis
      const rule = failing.find(outcome => outcome.rule !== undefined)?.rule
      const unseen = hiddenProvider(view, reference, failing)
      const elsewhere =
        unseen === undefined && rule === undefined ? unappliedRule(view, reference, failing) : undefined
      const why =
        unseen !== undefined
          ? `: ${keyOf(unseen.ref)} is not ${importingProvider(view, unseen, { host: reference.host, failing }) === undefined ? 'exported to them' : 'imported by their Sidecar'}`
          : rule === undefined
            ? ((elsewhere && `: ${elsewhere.says}`) ?? '')
            : `: DestinationRule ${nameOfRule(rule)} applies there and does not define it`
      yield {
        path: pathOf(reference, 'subset'),
        ...writtenIn(reference, 'subset'),
        message: `clients in ${formatClients(failing)} do not see ${nameOf(reference)}${why}`,
        about: aboutReference(reference),
        absent: 'subset',
        restsOn: groundsOf(view, reference),
        tells: toldOf(view, reference, failing),
        ...(elsewhere?.fix !== undefined && { fix: elsewhere.fix }),
        ...unhiding(view, { diagnosis, all }),
      }
    }
  },
  worsening,
}

const placeOf = ({ about, path }: Pick<Finding, 'about' | 'path'>): string => `${formatPath(path)} ${about}`

/**
 * What is hidden in a VirtualService, by what a finding says of it: its place and what it is about. Several
 * destinations and mirrors of a delegate are alike, as findings name the route that delegates.
 */
function hiddenIn(
  view: ClusterView,
  subject: VirtualService,
  settings: RuleSettings,
): ReadonlyMap<string, readonly Diagnosis[]> {
  const diagnoses = diagnosesOf(view, subject, settings)
  return once(view, [hiddenIn, diagnoses], () =>
    Map.groupBy(
      diagnoses.filter(({ fault }) => fault === id),
      ({ reference }) => placeOf({ about: aboutReference(reference), path: pathOf(reference, 'subset') }),
    ),
  )
}

/** Their namespaces, and any DestinationRule that applies. */
const toldOf = (
  view: ClusterView,
  reference: Reference,
  outcomes: readonly DestinationOutcome[],
): readonly KindIn[] => [
  ...delegateTold(reference),
  ...clientsTold(outcomes),
  ...rulesTold(outcomes),
  ...rulesRestedOn(groundsOf(view, reference)),
  // Where the subset is defined, also in a namespace that has no say.
  ...rulesCovering(view, reference.host)
    .flat()
    .filter(({ subsets }) => subsets.some(({ name }) => name === reference.target.subset))
    .map(({ namespace }): KindIn => ({ kind: 'DestinationRule', namespace })),
]

const nameOfRule = ({ namespace, from }: MergedRule): string => `${namespace}/${from[0]!.metadata.name}`

interface Loss {
  readonly diagnosis: Diagnosis
  /** What else is hidden in the same VirtualService. */
  readonly all: readonly Diagnosis[]
  readonly lost: readonly DestinationOutcome[]
}

/** Who loses the host, by the DestinationRule that applies there, and what defines the subset for them. */
function loss(
  view: ClusterView,
  { diagnosis, all, lost }: Loss,
  { restsOn = [] }: Finding,
): Pick<Violation, 'message' | 'fix' | 'sets' | 'restsOn' | 'tells' | 'causedIn'> {
  const { reference } = diagnosis
  const byCause = Map.groupBy(lost, outcome => causeOf(view, reference, outcome))
  const said = [...byCause].map(
    ([cause, outcomes]) => `clients in ${formatClients(outcomes)} lose ${reference.host}: ${cause}`,
  )
  const rules = new Set(lost.map(({ rule }) => rule))
  const [rule] = rules
  const own = rules.size === 1 && rule !== undefined && rule === appliedRule(diagnosis)
  return {
    message: said.join('; '),
    restsOn: [...restsOn, ...rulesOf(lost, restsOn)],
    tells: [
      ...toldOf(view, reference, lost),
      ...workloadsTold(lost),
      ...rulesRestedOn(rulesOf(lost, restsOn)),
    ],
    ...causedByClients(lost),
    ...(own
      ? addingSubset(view, rule, { diagnosis, all })
      : exportingRule(view, {
          host: reference.host,
          subsets: [{ name: reference.target.subset!, labels: undefined }],
          failing: lost,
        })),
  }
}

/**
 * The namespaces of the clients, where a DestinationRule of theirs for a wildcard host causes each loss. One that
 * names the host shows that its namespace calls it; one for a wildcard is there for any Service of anybody.
 */
function causedByClients(lost: readonly DestinationOutcome[]): Pick<Violation, 'causedIn'> {
  const isOwn = ({ rule, client, provider }: DestinationOutcome): boolean =>
    rule !== undefined
    && rule.namespace === client.namespace
    && rule.namespace !== provider?.ref.namespace
    && rule.from.every(({ spec }) => textOf(spec.host)?.startsWith('*') === true)
  return lost.every(isOwn) ? { causedIn: [...new Set(lost.map(({ client }) => client.namespace))] } : {}
}

/** The DestinationRules of namespaces that no object names any more. */
function rulesOf(lost: readonly DestinationOutcome[], known: readonly RestsOn[]): readonly RestsOn[] {
  const namespaces = new Set(lost.map(({ client }) => client.namespace).filter(name => !name.startsWith('~')))
  for (const { kind, namespace } of known) if (kind === 'DestinationRule') namespaces.delete(namespace)
  return [...namespaces].map(namespace => ({ kind: 'DestinationRule', namespace }))
}

function causeOf(
  view: ClusterView,
  { host, target }: Reference,
  { rule, found, client }: DestinationOutcome,
): string {
  if (found === 'no-host') return 'no Service or ServiceEntry that they see provides it'
  if (found === 'no-port') return 'it does not offer the port'
  if (rule !== undefined)
    return `DestinationRule ${nameOfRule(rule)} applies there and has no subset ${target.subset}`
  const elsewhere = rulesCovering(view, host)
    .flat()
    .find(({ subsets }) => subsets.some(({ name }) => name === target.subset))
  if (elsewhere === undefined) return 'no DestinationRule applies there'
  const { exportTo, namespace, rule: defining } = elsewhere
  const isExported = exportTo.size === 0 || exportTo.has('*') || exportTo.has(client.namespace)
  const name = `${namespace}/${defining.metadata.name}`
  const why = isExported ? 'does not apply to them' : 'is not exported to them'
  return `no DestinationRule applies there; ${name}, which defines subset ${target.subset}, ${why}`
}
