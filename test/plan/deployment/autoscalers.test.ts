import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { later, plainView, replicasIn, service, target, version } from './pods-of.ts'
import { refusal } from './refusal.ts'

/** An autoscaler of a Deployment, or of something else of that name. */
const autoscaler = (name: string, spec: object, kind = 'Deployment'): KubeObject =>
  ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace: 'shop' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind, name }, ...spec },
  }) as KubeObject
/** `weight hello v2=20` where v1 has ten pods and v2 none. */
const split = (...autoscalers: readonly KubeObject[]): Plan =>
  planWeight(plainView([service(), version('v1', 10), version('v2', 0), ...autoscalers]), {
    target,
    weights: new Map([['v2', 20]]),
    stable: 'v1',
    force: false,
  })
const scaled = ({ changes }: Plan) =>
  replicasIn(later(plainView([version('v1', 10), version('v2', 0)]), changes))

describe('an autoscaler of a version', () => {
  test('that would set the replicas back refuses the split; once bound as the hint says it agrees', () => {
    const wanted = scaled(split())
    for (const [name, replicas] of Object.entries(wanted)) {
      const { code, message, hints } = refusal(() =>
        split(autoscaler(name, { minReplicas: 1, maxReplicas: 20 })),
      )
      assert.equal(code, 'refused')
      assert.match(
        message,
        new RegExp(
          `^HorizontalPodAutoscaler shop/${name} scales Deployment shop/${name} and would set ${replicas} replicas back`,
        ),
      )
      assert.match(hints[1]!, new RegExp(`"minReplicas":${replicas},"maxReplicas":${replicas}`))
      assert.equal(hints.at(-1), '  kubectl canary weight hello v2=20')
      const bound = { minReplicas: replicas, maxReplicas: replicas }
      assert.deepEqual(scaled(split(autoscaler(name, bound))), wanted)
    }
  })

  test('that is bound at one end alone does not agree', () => {
    const { 'hello-v2': wanted } = scaled(split())
    for (const spec of [
      { minReplicas: wanted, maxReplicas: 20 },
      { minReplicas: 1, maxReplicas: wanted },
      { maxReplicas: wanted },
    ])
      assert.equal(refusal(() => split(autoscaler('hello-v2', spec))).code, 'refused')
  })

  test('of another kind or name is in nobody’s way', () => {
    const wanted = scaled(split())
    const spec = { minReplicas: 1, maxReplicas: 20 }
    assert.deepEqual(
      scaled(split(autoscaler('hello-v2', spec, 'StatefulSet'), autoscaler('other', spec))),
      wanted,
    )
  })
})
