import { fieldsOf } from '../../../objects/unchecked.ts'
import { serviceWord, shellWord } from '../../../objects/text/kubectl-commands.ts'
import { entranceOf } from '../../../routing/condition.ts'
import type { Note } from '../../../routing/note.ts'
import { serviceOfHost } from '../../../objects/hosts.ts'
import { countedShares, type EntryPoint, type Share } from '../../../routing/traffic.ts'
import { mayReadTokens } from '../resolve/mesh/tokens.ts'
import { gatewaysOf } from '../route/service-tables.ts'
import { stableOf } from '../../../routing/record/stable.ts'
import { servedHosts } from './routed-service.ts'
import type { IstioReading } from './reading.ts'

/** What a cohort or the Service asks for, and the mesh does not do. */
export const ineffectiveNotes = (
  reading: IstioReading,
  entryPoints: readonly EntryPoint[],
): readonly Note[] => [...unreadTokens(reading, entryPoints), ...ignoredAffinity(reading, entryPoints)]

/** The gateways of a service, and those of them whose proxies nothing lets read tokens. */
export function gatewaysWithoutTokens(reading: IstioReading): {
  readonly all: readonly string[]
  readonly without: readonly string[]
} {
  const all = gatewaysOf(reading).filter(gateway => gateway !== 'mesh')
  return { all, without: all.filter(gateway => !mayReadTokens(reading.view, gateway)) }
}

/** Cohorts by the claims of tokens at gateways that read none. A cluster is asked only when such a cohort is set. */
function unreadTokens(reading: IstioReading, entryPoints: readonly EntryPoint[]): readonly Note[] {
  if (reading.complete) return []
  const byClaims = entryPoints
    .flatMap(({ cohorts }) => cohorts)
    .filter(({ conditions }) => entranceOf(conditions) === 'gateways')
  if (byClaims.length === 0) return []
  const { without } = gatewaysWithoutTokens(reading)
  if (without.length === 0) return []
  const unread = reading.view.unread.has('RequestAuthentication')
  return [...new Set(byClaims.map(({ name }) => name))].map((cohort): Note => ({
    kind: 'no-request-authentication',
    cohort,
    gateways: without,
    unread,
  }))
}

/**
 * kube-proxy keeps a client at one pod, which a proxy of the mesh goes round: it chooses a version for each request.
 */
function ignoredAffinity(
  { view, service, carriers }: IstioReading,
  entryPoints: readonly EntryPoint[],
): readonly Note[] {
  const asking = servedHosts(service)
    .flatMap(host => serviceOfHost(host, service.clusterDomain) ?? [])
    .flatMap(ref => view.get({ kind: 'Service', ...ref }) ?? [])
    .find(({ spec }) => fieldsOf(spec)['sessionAffinity'] === 'ClientIP')
  const split = splitOf(entryPoints)
  if (asking === undefined || split === undefined || carriers.length === 0) return []
  const shares = split.map(({ version, percent }) => shellWord(`${version}=${percent}`)).join(' ')
  const [most] = split.toSorted((a, b) => b.percent - a.percent)
  // Without a record of it, the version with most of the requests.
  const isRecorded = carriers.some(({ object }) => stableOf(object, service) !== undefined)
  const stable = isRecorded ? '' : ` --stable ${shellWord(most!.version)}`
  const fix = split.every(({ percent }) => Number.isInteger(percent))
    ? `kubectl canary weight ${serviceWord(service.name)} ${shares} --sticky${stable} -n ${service.namespace}`
    : 'give the split again with --sticky'
  return [{ kind: 'affinity-ignored', service: asking.metadata.name, fix }]
}

/** The first split of ordinary requests over more than one version, which no cookie keeps. */
const splitOf = (entryPoints: readonly EntryPoint[]): readonly Share[] | undefined =>
  entryPoints
    .filter(({ sticky }) => sticky === undefined)
    .flatMap(countedShares)
    .map(shares => shares.filter(({ percent }) => percent > 0))
    .find(shares => shares.length > 1)
