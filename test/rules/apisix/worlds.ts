import { fc } from '../../properties.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'

/** Few names, the same as those of the worlds of Istio's objects, so that routes meet their Services. */
const name = fc.constantFrom('x', 'y')
const namespace = fc.constantFrom('a', 'b')
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

const backend = fc.record({
  serviceName: name,
  servicePort: fc.constantFrom<number | string>(80, 9080, 'http'),
  weight: rarely(fc.constantFrom(0, 1, 10)),
})
const expr = fc.record({
  subject: fc.record({ scope: fc.constantFrom('Header', 'Variable'), name: fc.constantFrom('x-a', 'x-b') }),
  op: fc.constant('Equal'),
  value: fc.constantFrom('1', '2'),
})
const plugins = rarely(
  fc.uniqueArray(
    fc.record({ name: fc.constantFrom('traffic-split', 'cors'), enable: fc.constantFrom(true, true, false) }),
    { minLength: 1, maxLength: 2, selector: ({ name: called }) => called },
  ),
)

/** A rule without a name. */
export const apisixRule = fc.record({
  match: fc.record({
    paths: fc.uniqueArray(fc.constantFrom('/*', '/a*', '/a'), { minLength: 1, maxLength: 2 }),
    hosts: rarely(fc.subarray(['x.com', '*.com', 'y.com'], { minLength: 1 })),
    methods: rarely(fc.subarray(['GET', 'POST'], { minLength: 1 })),
    exprs: rarely(fc.array(expr, { minLength: 1, maxLength: 2 })),
  }),
  priority: rarely(fc.constantFrom(1, 2)),
  backends: fc.array(backend, { maxLength: 2 }),
  upstreams: rarely(
    fc.array(fc.record({ name, weight: fc.constantFrom(0, 1) }), { minLength: 1, maxLength: 2 }),
  ),
  plugins,
  plugin_config_name: rarely(name),
})
const rule = fc
  .tuple(fc.constantFrom('r', 's', 't'), apisixRule)
  .map(([called, fields]) => ({ name: called, ...fields }))

const object = (kind: string, spec: fc.Arbitrary<object>): fc.Arbitrary<KubeObject> =>
  fc.tuple(name, namespace, spec).map(
    ([called, within, fields]) =>
      JSON.parse(
        JSON.stringify({
          apiVersion: 'apisix.apache.org/v2',
          kind,
          metadata: { name: called, namespace: within, creationTimestamp: '2024-01-01T00:00:00Z' },
          spec: fields,
        }),
      ) as KubeObject,
  )

/** Any object of APISIX that rules read. */
export const apisixObjects: readonly fc.Arbitrary<KubeObject>[] = [
  object(
    'ApisixRoute',
    fc.record({
      ingressClassName: fc.constantFrom('apisix', 'other'),
      http: fc.array(rule, { minLength: 1, maxLength: 3 }),
    }),
  ),
  object('ApisixPluginConfig', fc.record({ plugins })),
  object('ApisixUpstream', fc.record({ scheme: fc.constantFrom('http', 'grpc') })),
]
