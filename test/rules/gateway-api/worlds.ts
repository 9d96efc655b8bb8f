import { fc } from '../../properties.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'

/** Few names, the same as those of the worlds of Istio's objects, so that routes meet their Services. */
const namespace = fc.constantFrom('a', 'b')
const name = fc.constantFrom('x', 'y')
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const list = <T>(arbitrary: fc.Arbitrary<T>, maxLength = 2): fc.Arbitrary<readonly T[]> =>
  fc.array(arbitrary, { minLength: 1, maxLength })

const backend = fc.record({
  name,
  namespace: rarely(namespace),
  port: fc.constantFrom(80, 9080),
  weight: rarely(fc.constantFrom(0, 1, 10)),
})
const header = fc.record({ name: fc.constantFrom('x-a', 'X-A', 'x-b'), value: fc.constant('1') })
const rule = fc.record({
  name: rarely(fc.constantFrom('r', 's')),
  matches: rarely(list(fc.record({ headers: rarely(list(header)) }))),
  filters: rarely(
    list(
      fc.record({ type: fc.constant('RequestMirror'), requestMirror: fc.record({ backendRef: backend }) }),
    ),
  ),
  backendRefs: fc.array(backend, { maxLength: 2 }),
})
const parent = fc.oneof(
  fc.record({ name, sectionName: rarely(fc.constantFrom('http', 'https')) }),
  fc.record({
    group: fc.constant(''),
    kind: fc.constant('Service'),
    name,
    namespace: rarely(namespace),
    port: rarely(fc.constantFrom(80, 9080)),
  }),
)

const object = (kind: string, spec: fc.Arbitrary<object>, version = 'v1'): fc.Arbitrary<KubeObject> =>
  fc.tuple(name, namespace, spec).map(
    ([called, within, fields]) =>
      JSON.parse(
        JSON.stringify({
          apiVersion: `gateway.networking.k8s.io/${version}`,
          kind,
          metadata: { name: called, namespace: within, creationTimestamp: '2024-01-01T00:00:00Z' },
          spec: fields,
        }),
      ) as KubeObject,
  )

const route = fc.record({
  parentRefs: rarely(list(parent)).map(some => some ?? [{ name: 'x' }]),
  rules: list(rule),
})

/** Any object of a kind of the Gateway API that we read. */
export const gatewayApiObjects: readonly fc.Arbitrary<KubeObject>[] = [
  object('HTTPRoute', route),
  object('GRPCRoute', route),
  object(
    'Gateway',
    fc.record({
      gatewayClassName: fc.constant('c'),
      listeners: list(
        fc.record({
          name: fc.constantFrom('http', 'https'),
          port: fc.constantFrom(80, 443),
          protocol: fc.constant('HTTP'),
        }),
      ),
    }),
  ),
  object(
    'ReferenceGrant',
    fc.record({
      from: list(
        fc.record({
          group: fc.constant('gateway.networking.k8s.io'),
          kind: fc.constantFrom('HTTPRoute', 'GRPCRoute'),
          namespace,
        }),
      ),
      to: list(fc.record({ group: fc.constant(''), kind: fc.constant('Service'), name: rarely(name) })),
    }),
    'v1beta1',
  ),
]
