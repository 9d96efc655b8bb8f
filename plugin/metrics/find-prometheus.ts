import type { PrometheusSource } from '../../shared/metrics/prometheus/prometheus-api.ts'
import type { ServerAnswer, Store } from '../../shared/view/store.ts'
import { replyOf } from './url-source.ts'

/** The API server of a cluster, to be asked. */
export type AskServer = NonNullable<Store['request']>

/** What Prometheus is labelled with by those who install it; docs/metrics.md says who. */
const selectors = ['app.kubernetes.io/name=prometheus', 'app=prometheus', 'operated-prometheus=true']

/** Where it is looked for without the right to list Services: Istio's addon, and the Prometheus operator. */
const wellKnown: readonly PrometheusService[] = [
  { namespace: 'istio-system', name: 'prometheus', port: '9090' },
  { namespace: 'monitoring', name: 'prometheus-operated', port: '9090' },
  { namespace: 'monitoring', name: 'prometheus-k8s', port: '9090' },
]

/** More are not tried. */
const mostCandidates = 3
/** Milliseconds; a cluster without Prometheus must not wait longer. */
const longestSearch = 2500

/** A Service through which Prometheus is reached. */
export interface PrometheusService {
  readonly namespace: string
  readonly name: string
  /** Its number or name. */
  readonly port: string
  readonly isTls?: boolean
}

/**
 * The Services of the cluster that may be Prometheus, the likeliest first: those with well-known labels, else where they
 * may not be listed, three well-known names. None where nothing answers in time.
 */
export async function findPrometheus(
  ask: AskServer,
  rootNamespace = 'istio-system',
): Promise<{ readonly services: readonly PrometheusService[]; readonly isGuess: boolean }> {
  const signal = AbortSignal.timeout(longestSearch)
  const lists = await Promise.all(
    selectors.map(labelSelector =>
      ask({ path: '/api/v1/services', query: { labelSelector, limit: '100' }, signal }).catch(
        () => undefined,
      ),
    ),
  )
  if (lists.every(list => list?.status === 403)) return { services: wellKnown, isGuess: true }
  const found = lists.flatMap((list, rank) => servicesIn(list).map(service => ({ ...service, rank })))
  const distinct = [...new Map(found.toReversed().map(one => [`${one.namespace}/${one.name}`, one])).values()]
  const services = distinct
    .toSorted(
      (one, other) =>
        Number(other.namespace === rootNamespace) - Number(one.namespace === rootNamespace)
        || one.rank - other.rank
        || `${one.namespace}/${one.name}`.localeCompare(`${other.namespace}/${other.name}`),
    )
    .slice(0, mostCandidates)
    .map(({ rank: _, ...service }) => service)
  return { services, isGuess: false }
}

/** The server of that Service, through the API server's proxy: GET alone needs no right but `get` on `services/proxy`. */
export function proxiedSource(
  ask: AskServer,
  { namespace, name, port, isTls = false }: PrometheusService,
): PrometheusSource {
  const service = `${isTls ? 'https:' : ''}${name}:${port}`
  return {
    name: `Service ${namespace}/${name}`,
    isGetOnly: true,
    send: async ({ path, form, signal }) =>
      replyOf(
        await ask({
          path: `/api/v1/namespaces/${namespace}/services/${service}/proxy${path}`,
          query: Object.fromEntries(new URLSearchParams(form)),
          signal,
        }),
      ),
  }
}

type Fields = Readonly<Record<string, unknown>>
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : [])

function servicesIn(answer: ServerAnswer | undefined): readonly PrometheusService[] {
  if (answer?.status !== 200) return []
  let list: unknown
  try {
    list = JSON.parse(answer.text)
  } catch {
    return []
  }
  return listOf(fieldsOf(list)['items']).flatMap(item => {
    const { namespace, name, labels } = fieldsOf(item['metadata'])
    const port = isServer(fieldsOf(labels)) ? portOf(listOf(fieldsOf(item['spec'])['ports'])) : undefined
    return typeof namespace === 'string' && typeof name === 'string' && port !== undefined
      ? [{ namespace, name, ...port }]
      : []
  })
}

/** Older charts call Alertmanager, the push gateway and the exporters by the same name, with another component. */
const isServer = (labels: Fields): boolean =>
  [labels['app.kubernetes.io/component'], labels['component']].every(
    component => component === undefined || component === 'server' || component === 'prometheus',
  )

/** The port of the web interface: one that is called so, else 9090, else the only one. */
function portOf(ports: readonly Fields[]): Pick<PrometheusService, 'port' | 'isTls'> | undefined {
  const named = (test: RegExp) => ports.find(({ name }) => typeof name === 'string' && test.test(name))
  const found =
    named(/^(http-)?web$|^http(-prometheus)?$/)
    ?? ports.find(({ port }) => port === 9090)
    ?? named(/^https/)
    ?? (ports.length === 1 ? ports[0] : undefined)
  if (found === undefined || typeof found['port'] !== 'number') return undefined
  const isTls =
    (typeof found['name'] === 'string' && found['name'].startsWith('https'))
    || found['appProtocol'] === 'https'
  return { port: String(found['port']), ...(isTls && { isTls }) }
}
