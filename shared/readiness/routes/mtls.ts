import type { Service } from '../../objects/core.ts'
import { refOf, workloadKinds } from '../../objects/kinds.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import { formatPath } from '../../objects/paths.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import { callerRulesOf } from '../../providers/istio/read/versions.ts'
import type { MergedRule } from '../../providers/istio/resolve/destination-rules.ts'
import { mayMatch } from '../../workloads/backings.ts'
import { membershipOfWorkload } from '../../providers/istio/resolve/membership.ts'
import { targetPortOf } from '../../providers/istio/resolve/objects/target-port.ts'
import { clientTlsOf, type TlsOfRule } from '../../providers/istio/resolve/security/client-tls.ts'
import {
  acceptedPeers,
  type AcceptedPeers,
} from '../../providers/istio/resolve/security/peer-authentication.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { CheckResult, ReadinessFix, ServiceCheck } from '../check.ts'
import { listed, nameIn } from '../facts/names.ts'
import { setField } from '../facts/patches.ts'
import type { BehindService, ServiceSubject } from '../subject.ts'

/** The DestinationRule decides what a client sends, and the PeerAuthentication what the pods accept. */
export const mtls: ServiceCheck = {
  id: 'mtls',
  summary:
    'On each port, callers use TLS as the pods accept it: the DestinationRules and PeerAuthentications agree.',
  fix: 'Set trafficPolicy.tls.mode of the DestinationRule to ISTIO_MUTUAL where the pods accept only mTLS, and to DISABLE where they accept only plain text.',
  needs: ['PeerAuthentication', ...routingNeeds, ...workloadKinds, 'Pod'],
  states: ['fail'],
  ofMesh: true,
  *check(subject) {
    const { services, workloads } = subject
    if (services.length === 0 || workloads.length === 0) return
    const accepted = services.flatMap(service => listenersOf(subject, service))
    if (accepted.length === 0) return
    const conflicts = accepted.flatMap(listener =>
      sentTo(subject, listener).flatMap(sent => conflictOf(subject, listener, sent) ?? []),
    )
    // One field is wrong for all whose connections it decides.
    for (const same of Map.groupBy(conflicts, ({ about }) => about).values()) yield resultOf(subject, same)
    yield { state: 'pass', message: sayingModes(subject, accepted) }
  },
}

/** A port of the Service at one workload. */
interface ServedPort {
  readonly workload: BehindService
  /** The port of the Service. */
  readonly port: number
  readonly peers: AcceptedPeers
  /** What accepts the connections: a sidecar, ztunnel in ambient mode, or the application itself (`plain`). */
  readonly proxy: 'sidecar' | 'plain' | 'ztunnel'
}

function listenersOf({ view, workloads, service }: ServiceSubject, object: Service): readonly ServedPort[] {
  const ports = itemsOf(fieldsOf(object.spec)['ports']).filter(
    item => (textOf(fieldsOf(item)['protocol']) ?? 'TCP') === 'TCP',
  )
  return workloads.flatMap(workload => {
    const { sidecar, ambient } = membershipOfWorkload(view, workload.object)
    return ports.flatMap(item => {
      const port = numberOf(fieldsOf(item)['port'])
      if (port === undefined) return []
      const peers = acceptedPeers(view, {
        namespace: service.namespace,
        labels: workload.labels,
        port: targetPortOf(item, workload.object),
      })
      const proxy = ambient ? 'ztunnel' : sidecar === 'no' ? 'plain' : 'sidecar'
      return [{ workload, port, peers, proxy } as const]
    })
  })
}

interface SentTls {
  readonly rule: MergedRule | undefined
  readonly tls: TlsOfRule | undefined
}

/** How callers connect to a port at a workload: for the host as a whole, and for the subsets that it is in. */
function sentTo(
  { view, service, reading }: ServiceSubject,
  { workload, port }: ServedPort,
): readonly SentTls[] {
  const rules = new Set(callerRulesOf(view, service, reading).map(({ rule }) => rule))
  return [...rules].flatMap((rule): readonly SentTls[] => {
    if (rule === undefined) return [{ rule, tls: undefined }]
    const names = [...rule.subsets].flatMap(([name, labels]) =>
      mayMatch(labels, workload.labels) ? [name] : [],
    )
    return [undefined, ...names].map(subset => ({ rule, tls: clientTlsOf(rule, { subset, port }) }))
  })
}

interface TlsConflict {
  readonly listener: ServedPort
  readonly sent: SentTls
  readonly wanted: 'ISTIO_MUTUAL' | 'DISABLE'
  /** The field, its right value and the proxy: conflicts with the same are reported as one. */
  readonly about: string
}

function conflictOf(
  { view, service }: ServiceSubject,
  listener: ServedPort,
  sent: SentTls,
): TlsConflict | undefined {
  const { tls, rule } = sent
  const mode = tls?.mode ?? (view.mesh.lacksAutoMtls === true ? 'DISABLE' : undefined)
  const wanted = mode === undefined ? undefined : wantedInstead(mode, listener)
  if (wanted === undefined) return undefined
  const said = tls?.rule ?? rule?.from[0]
  const place = said === undefined ? '' : `${nameIn(service.namespace, said)} ${formatPath(tls?.path ?? [])}`
  return { listener, sent, wanted, about: `${place} ${wanted} ${listener.proxy}` }
}

/** One result for conflicts that are about the same field. */
function resultOf(subject: ServiceSubject, same: readonly TlsConflict[]): CheckResult {
  const [{ listener, sent, wanted }] = same as [TlsConflict]
  const { tls } = sent
  const ports = [...new Set(same.map(each => each.listener.port))]
  return {
    state: 'fail',
    ref: tls === undefined ? undefined : refOf(tls.rule),
    message: `port ${listed(ports.map(String))}: ${sayingSent(subject, tls)}, but ${sayingAccepted(
      subject,
      listener,
      same.map(each => each.listener.workload),
    )}`,
    fix: fixOf({ ...sent, wanted }),
  }
}

type SentMode = TlsOfRule['mode']

/** The mode that works where another one is used; ztunnel does not ask for it. */
function wantedInstead(mode: SentMode, { peers, proxy }: ServedPort): 'ISTIO_MUTUAL' | 'DISABLE' | undefined {
  if (proxy === 'ztunnel') return undefined
  const accepts = proxy === 'plain' ? 'DISABLE' : peers.mode
  if (accepts === 'STRICT') return mode === 'ISTIO_MUTUAL' ? undefined : 'ISTIO_MUTUAL'
  return accepts === 'DISABLE' && mode === 'ISTIO_MUTUAL' ? 'DISABLE' : undefined
}

const sayingSent = ({ service }: ServiceSubject, tls: TlsOfRule | undefined): string =>
  tls === undefined
    ? 'callers send plain text (the mesh has enableAutoMtls: false)'
    : `${nameIn(service.namespace, tls.rule)} ${formatPath(tls.path)} says ${tls.mode}`

function sayingAccepted(
  { service }: ServiceSubject,
  { peers, proxy }: ServedPort,
  workloads: readonly BehindService[],
): string {
  const names = [...new Set(workloads.map(({ object }) => nameIn(service.namespace, object)))]
  if (proxy === 'plain') return `the pods of ${listed(names)} have no sidecar`
  const by = peers.by === undefined ? '' : ` (${nameIn(service.namespace, peers.by)})`
  const verb = names.length === 1 ? 'accepts' : 'accept'
  return `${listed(names)} ${verb} only ${peers.mode === 'STRICT' ? 'mTLS' : 'plain text'}${by}`
}

function fixOf({
  tls,
  rule,
  wanted,
}: SentTls & { readonly wanted: 'ISTIO_MUTUAL' | 'DISABLE' }): ReadinessFix {
  if (tls !== undefined) return setField(tls.rule, tls.path, { mode: wanted })
  const [first] = rule?.from ?? []
  if (first === undefined) return { commands: ['Set enableAutoMtls: true in the settings of the mesh.'] }
  const ref = refOf(first)
  return {
    commands: [patchCommand(ref, 'merge', { spec: { trafficPolicy: { tls: { mode: wanted } } } })],
    sets: [{ ref, path: ['spec', 'trafficPolicy', 'tls', 'mode'], value: wanted }],
  }
}

/** `STRICT on all ports (PeerAuthentication default)`. */
function sayingModes({ service }: ServiceSubject, accepted: readonly ServedPort[]): string {
  const said = accepted.map(({ port, peers, proxy }) => ({
    port,
    text:
      proxy === 'plain'
        ? 'no sidecar, plain text'
        : `${peers.mode}${peers.by === undefined ? '' : ` (${nameIn(service.namespace, peers.by)})`}`,
  }))
  const modes = Map.groupBy(said, ({ text }) => text)
  return modes.size === 1
    ? `${[...modes.keys()][0]!}, as callers send it`
    : [...modes]
        .map(([text, found]) => `${[...new Set(found.map(({ port }) => port))].join(', ')}: ${text}`)
        .join('; ')
}
