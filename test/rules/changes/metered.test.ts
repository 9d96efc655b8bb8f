import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../../properties.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { judgeChanges, type Judge } from '../../../shared/rules/introduced.ts'
import { identityOf } from '../../../shared/rules/findings.ts'
import { meterOf, sessionOf, Spent } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { worldAndChanges } from '../worlds.ts'
import { bigWorld, nthRoutes, nthRule } from './big-world.ts'

const judge: Judge = {
  rules: catalogue.filter(({ id }) => id !== 'istio-rejects'),
  settings: { complete: true, relativeWeights: false },
}
const metered = (most: number): Judge => ({ ...judge, meter: () => meterOf(most) })

describe('a judgement that may cost so much', () => {
  it('says nothing that an unlimited one does not say', () => {
    fc.assert(
      fc.property(worldAndChanges, fc.nat(3000), ({ objects, changes }, most) => {
        const view = snapshot(objects)
        const whole = judgeChanges(judge, view, changes).introduced.map(identityOf)
        try {
          for (const identity of judgeChanges(metered(most), view, changes).introduced.map(identityOf)) {
            const at = whole.indexOf(identity)
            assert.ok(at >= 0, identity)
            whole.splice(at, 1)
          }
        } catch (error) {
          assert.ok(error instanceof Spent)
        }
      }),
    )
  })
  it('ends where the changed object alone takes more', () => {
    const view = snapshot(bigWorld(1))
    assert.throws(() => judgeChanges(metered(5), view, [{ after: nthRoutes(0) }]), Spent)
  })
  it('judges what is changed before what that affects', () => {
    const destinations = ['a', 'b'].map(host => ({ destination: { host }, weight: 1 }))
    const after = { ...nthRoutes(0), spec: { hosts: ['*'], http: [{ route: destinations }] } } as KubeObject
    const weights = { ...metered(200), rules: catalogue.filter(({ id }) => id === 'weights-sum-to-100') }
    const { introduced } = judgeChanges(weights, snapshot(bigWorld(300)), [{ before: nthRoutes(0), after }])
    assert.deepEqual(
      introduced.map(({ rule, ref }) => [rule, ref.name]),
      [['weights-sum-to-100', 's0']],
    )
  })
  it('counts every question and what answers it', () => {
    const costs: number[] = []
    const session = sessionOf(snapshot([nthRule(0)]), cost => costs.push(cost))
    session.list('DestinationRule')
    session.get({ kind: 'DestinationRule', namespace: 'nowhere', name: 'none' })
    assert.deepEqual(costs, [2, 1])
  })
})
