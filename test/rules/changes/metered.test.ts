import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../../properties.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { identityOf, judgeChanges, type Judge } from '../../../shared/rules/introduced.ts'
import { meterOf, sessionOf, Spent } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { worldAndChanges } from '../worlds.ts'
import { bigWorld, nthRoutes, nthRule } from './big-world.ts'

const judge: Judge = { rules: catalogue.filter(({ id }) => id !== 'istio-rejects'), settings: { complete: true, relativeWeights: false } }
const metered = (most: number): Judge => ({ ...judge, meter: () => meterOf(most) })

describe('a judgement that may cost so much', () => {
  it('says nothing that an unlimited one does not say', () => {
    fc.assert(fc.property(worldAndChanges, fc.nat(3000), ({ objects, changes }, most) => {
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
    }))
  })
  it('ends where the changed object alone takes more', () => {
    const view = snapshot(bigWorld(1))
    assert.throws(() => judgeChanges(metered(5), view, [{ after: nthRoutes(0) }]), Spent)
  })
  it('counts every question and what answers it', () => {
    const costs: number[] = []
    const session = sessionOf(snapshot([nthRule(0)]), cost => costs.push(cost))
    session.list('DestinationRule')
    session.get({ kind: 'DestinationRule', namespace: 'nowhere', name: 'none' })
    assert.deepEqual(costs, [2, 1])
  })
})
