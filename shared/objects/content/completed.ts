import type { KubeObject } from '../kube-object.ts'
import { isFields } from '../unchecked.ts'

/** What the API server writes where a person writes nothing. */
interface Defaults {
  /** In place of a value that is left out. */
  readonly value?: unknown
  readonly fields?: Readonly<Record<string, Defaults>>
  readonly items?: Defaults
}

const is = (value: unknown): Defaults => ({ value })
const listOf = (fields: NonNullable<Defaults['fields']>, value?: unknown): Defaults => ({
  ...(value !== undefined && { value }),
  items: { fields },
})

const toService = { group: is(''), kind: is('Service') }
const filters = listOf({
  cors: { fields: { maxAge: is(5) } },
  externalAuth: { fields: { backendRef: { fields: toService } } },
  requestMirror: {
    fields: { backendRef: { fields: toService }, fraction: { fields: { denominator: is(100) } } },
  },
})
const backendRefs = listOf({ ...toService, weight: is(1), filters })
const parentRefs = listOf({ group: is('gateway.networking.k8s.io'), kind: is('Gateway') })
const exact = listOf({ type: is('Exact') })
const everyPath = { type: 'PathPrefix', value: '/' }
const everything = [{ path: everyPath }]

/**
 * The defaults of the custom resource definitions of the Gateway API, both channels
 * (https://github.com/kubernetes-sigs/gateway-api/tree/v1.4.0/config/crd), and of a Service with a cluster IP.
 */
const specs: Readonly<Partial<Record<string, Defaults>>> = {
  HTTPRoute: {
    fields: {
      parentRefs,
      rules: listOf(
        {
          matches: listOf(
            {
              path: { value: everyPath, fields: { type: is('PathPrefix'), value: is('/') } },
              headers: exact,
              queryParams: exact,
            },
            everything,
          ),
          filters,
          backendRefs,
          sessionPersistence: {
            fields: { type: is('Cookie'), cookieConfig: { fields: { lifetimeType: is('Session') } } },
          },
        },
        [{ matches: everything }],
      ),
    },
  },
  GRPCRoute: {
    fields: {
      parentRefs,
      rules: listOf({
        matches: listOf({ method: { fields: { type: is('Exact') } }, headers: exact }),
        filters,
        backendRefs,
      }),
    },
  },
  Service: {
    fields: {
      internalTrafficPolicy: is('Cluster'),
      sessionAffinity: is('None'),
      type: is('ClusterIP'),
      ports: listOf({ protocol: is('TCP') }),
    },
  },
}

/** An HTTPRoute, GRPCRoute or Service with what the API server adds to what was written; others as they are. */
export function completed<T extends KubeObject>(object: T): T {
  const [spec, defaults] = [Reflect.get(object, 'spec') as unknown, specs[object.kind]]
  return defaults === undefined || !isFields(spec)
    ? object
    : { ...object, spec: withDefaults(spec, defaults) }
}

function withDefaults(value: unknown, { fields = {}, items }: Defaults): unknown {
  if (Array.isArray(value)) return items === undefined ? value : value.map(item => withDefaults(item, items))
  if (!isFields(value)) return value
  const known = Object.entries(fields).flatMap(([key, defaults]) => {
    const inner = value[key] ?? defaults.value
    return inner === undefined ? [] : [[key, withDefaults(inner, defaults)] as const]
  })
  return { ...value, ...Object.fromEntries(known) }
}

/** A completed Service without the addresses that the API server chose for it, and with the ports that it leads to. */
export function withoutAssigned(object: KubeObject): KubeObject {
  const spec = Reflect.get(object, 'spec') as unknown
  if (object.kind !== 'Service' || !isFields(spec)) return object
  const { clusterIP, clusterIPs: _c, ipFamilies: _f, ipFamilyPolicy: _p, ...rest } = spec
  const ports = Array.isArray(spec['ports']) ? { ports: spec['ports'].map(withTarget) } : {}
  const headless = clusterIP === 'None' ? { clusterIP } : {}
  const served = { ...object, spec: { ...rest, ...ports, ...headless } }
  return served
}

const withTarget = (port: unknown): unknown =>
  isFields(port) ? { ...port, targetPort: port['targetPort'] ?? port['port'] } : port
