import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApisixRule } from '../../../shared/objects/apisix/apisix-route.ts'
import { partsOf } from '../../../shared/providers/apisix/resolve/parts.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apisixRoute, apisixUpstream, around, to } from '../../plan/apisix/shop.ts'

/** What each backend and upstream of a rule gets, in percent. */
function percents(rule: ApisixRule, complete = true): readonly number[] {
  const route = apisixRoute('catalog', [rule])
  return partsOf(snapshot([...around, apisixUpstream('outside'), route]), route, { rule, complete }).map(
    ({ percent }) => Math.round(percent),
  )
}

describe('the backends of a rule of an ApisixRoute', () => {
  const cases: readonly (readonly [string, ApisixRule, readonly number[]])[] = [
    ['a weight that is left out is 100', { backends: [to('catalog-v1', 300), to('catalog-v2')] }, [75, 25]],
    ['one alone gets everything, even with a weight of 0', { backends: [to('catalog-v1', 0)] }, [100]],
    ['one that is missing is skipped', { backends: [to('catalog-v1', 10), to('absent', 90)] }, [100, 0]],
    [
      'one whose Service has no such port is skipped',
      { backends: [to('catalog-v1', 10), { serviceName: 'catalog-v2', servicePort: 81, weight: 90 }] },
      [100, 0],
    ],
    ['a port may be named', { backends: [{ serviceName: 'catalog-v1', servicePort: 'http' }] }, [100]],
    [
      'weights of 0 only are equal shares',
      { backends: [to('catalog-v1', 0), to('catalog-v2', 0)] },
      [50, 50],
    ],
    ['of none that is there nobody gets any', { backends: [to('absent')] }, [0]],
    [
      'ApisixUpstreams share the requests',
      { backends: [to('catalog-v1', 50)], upstreams: [{ name: 'outside', weight: 150 }] },
      [25, 75],
    ],
    [
      'an ApisixUpstream that is missing is skipped',
      { backends: [to('catalog-v1', 50)], upstreams: [{ name: 'absent', weight: 150 }] },
      [100, 0],
    ],
  ]
  for (const [what, rule, expected] of cases) it(what, () => assert.deepEqual(percents(rule), expected))

  it('may be elsewhere where not all is in view', () => {
    assert.deepEqual(percents({ backends: [to('catalog-v1', 10), to('absent', 90)] }, false), [10, 90])
    const upstreams = [{ name: 'absent', weight: 90 }]
    assert.deepEqual(percents({ backends: [to('catalog-v1', 10)], upstreams }, false), [10, 90])
  })
})
