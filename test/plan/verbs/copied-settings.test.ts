import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatNote } from '../../../plugin/print/notes.ts'
import type { DestinationRule } from '../../../shared/objects/destination-rule.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planInit } from '../../../shared/plan/plan-init.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { apply, cohortIntent, target, weights } from '../intents.ts'
import { catalog, deepFreeze, inMesh, namespace } from '../worlds.ts'

const wide = (
  host: string,
  of: string,
  spec: Partial<DestinationRule['spec']> & { readonly trafficPolicy?: object },
): DestinationRule =>
  deepFreeze({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'wide', namespace: of },
    spec: { host, ...spec },
  })
const trafficPolicy = { tls: { mode: 'ISTIO_MUTUAL' } }
const bare: readonly KubeObject[] = catalog().filter(({ kind }) => kind !== 'DestinationRule')
const routed: readonly KubeObject[] = [
  ...bare.filter(({ kind }) => kind !== 'VirtualService'),
  inMesh({ route: [{ destination: { host: 'catalog' } }] }),
]
const unrouted = bare.filter(({ kind }) => kind !== 'VirtualService')

const verbs: readonly [string, readonly KubeObject[], (objects: readonly KubeObject[]) => Plan][] = [
  [
    'init',
    unrouted,
    objects => planInit(snapshot(objects), { target, stable: 'v1', gateways: [], hosts: [] }),
  ],
  ['cohort', routed, objects => planCohort(snapshot(objects), cohortIntent())],
  ['weight', routed, objects => planWeight(snapshot(objects), weights(['v2', 10]))],
]
/** The new rule of a plan, and what is said of it. */
const madeBy = ({ changes, notes }: Plan) => ({
  made: changes.flatMap(({ before, after }) =>
    before === undefined && after?.kind === 'DestinationRule' ? [after as DestinationRule] : [],
  ),
  edited: changes.flatMap(({ before }) => (before?.kind === 'DestinationRule' ? [before.metadata.name] : [])),
  said: notes.filter(({ kind }) => kind === 'copied-settings').map(formatNote),
})

describe('a DestinationRule for many hosts', () => {
  for (const [verb, world, plan] of verbs) {
    for (const [host, of] of [
      ['*.local', 'istio-system'],
      ['*.istioinaction.svc.cluster.local', namespace],
    ] as const)
      it(`is not changed by ${verb}, which makes a rule of the Service with the settings of ${of} ${host}`, () => {
        const { made, edited, said } = madeBy(plan([...world, wide(host, of, { trafficPolicy })]))
        assert.deepEqual(edited, [])
        assert.deepEqual(
          made.map(({ metadata, spec }) => ({ namespace: metadata.namespace, ...spec })),
          [
            {
              namespace,
              host: 'catalog',
              trafficPolicy,
              subsets: [
                { name: 'v1', labels: { version: 'v1' } },
                { name: 'v2', labels: { version: 'v2' } },
              ],
            },
          ],
        )
        assert.deepEqual(said, [
          `DestinationRule istioinaction/catalog applies to catalog instead of DestinationRule ${of}/wide, which is unchanged: its trafficPolicy is copied. Later changes of DestinationRule ${of}/wide do not reach catalog.`,
        ])
      })
  }
})

describe('the settings of a DestinationRule for many hosts', () => {
  it('are said to be none where there are none, and nothing is said where there is no such rule', () => {
    const [, , init] = verbs[0]!
    const [note] = madeBy(init([...unrouted, wide('*.local', 'istio-system', {})])).said
    assert.match(note ?? '', /it has no settings to copy/)
    assert.deepEqual(madeBy(init(unrouted)).said, [])
  })

  it('stay as they are for every other Service, whatever they are', () => {
    const settings = fc.record(
      {
        trafficPolicy: fc.constantFrom(trafficPolicy, { loadBalancer: { simple: 'RANDOM' } }),
        subsets: fc.constantFrom(
          [{ name: 'v1', labels: { version: 'v1' } }],
          [{ name: 'odd', labels: { version: 'v2' } }],
        ),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.constantFrom(...verbs), settings, ([, world, plan], spec) => {
        const objects = [...world, wide('*.local', 'istio-system', spec)]
        const view = apply(snapshot(objects), plan(objects))
        const rules = view.list('DestinationRule')
        assert.deepEqual(
          rules.find(({ metadata }) => metadata.name === 'wide'),
          objects.at(-1),
        )
        const own = rules.find(({ metadata }) => metadata.namespace === namespace)
        if (own !== undefined) assert.deepEqual(Reflect.get(own.spec, 'trafficPolicy'), spec.trafficPolicy)
      }),
      { numRuns: 60 },
    )
  })
})
