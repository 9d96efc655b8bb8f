import assert from 'node:assert/strict'
import test from 'node:test'
import type { Decision } from '../../../shared/routing/request/decision.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'
import { catalogHost, publicGateway, world } from './worlds.ts'
import { decisionsOf, fails, isRoutedToCatalog, pinned, seen, turnedTo } from './expected.ts'
import { requestsFor } from './requests.ts'
import { carriedOut, init, viewAfter, virtualServices } from './verbs.ts'

const requests = requestsFor([])

/** Whether requests reach the Service without any route, by the port of the caller. */
const isWithoutRoute = ({ route: by, isOpaque, destinations }: Decision): boolean =>
  by === undefined
  && !isOpaque
  && destinations.length > 0
  && destinations.every(({ host }) => host === catalogHost)

/** A decision as it is seen, whatever kind of thing made it. */
const reaches = (decision: Decision): string => seen({ ...decision, kind: 'route' })

for (const [title, gateways, hosts] of [
  ['callers in the mesh', [], []],
  ['a gateway as well', [publicGateway], ['shop.example.com', 'catalog.example.com']],
] as const)
  test(`init for ${title} leads what has no version to stable, and leaves all other requests as they are`, () => {
    let done = 0
    fc.assert(
      fc.property(world, objects => {
        const view = sessionOf(snapshot(objects))
        const plan = carriedOut(view, init(gateways, hosts))
        if (plan === undefined) return
        done++
        const [was, is] = [
          decisionsOf(view, requests, true),
          decisionsOf(viewAfter(view, plan), requests, true),
        ]
        requests.forEach((request, i) => {
          const [before, after] = [was[i]!, is[i]!]
          const said = JSON.stringify(request)
          assert.ok(fails(before) || !fails(after), said)
          if (isRoutedToCatalog(before)) assert.equal(seen(after), seen(pinned(before)), said)
          else if (isWithoutRoute(before))
            assert.ok([before, turnedTo(before, [['v1', 100]])].map(reaches).includes(reaches(after)), said)
          else if (before.destinations.length > 0) assert.equal(seen(after), seen(before), said)
        })
        assert.deepEqual(init(gateways, hosts)(viewAfter(view, plan)).changes, [])
        assert.ok(virtualServices(viewAfter(view, plan)).length >= virtualServices(view).length)
      }),
      { numRuns: 60 },
    )
    assert.ok(done > 10, `${done} of 60 worlds were prepared`)
  })
