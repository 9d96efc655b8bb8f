import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fc } from '../../../properties.ts'
import type { VirtualService } from '../../../../shared/objects/virtual-service.ts'
import type { Path } from '../../../../shared/rules/rule.ts'
import { routingOf, type Route } from '../../../../shared/providers/istio/resolve/objects/routes.ts'
import { removalPatch, type PatchStep } from '../../../../webhook/review/fix/removal-patch.ts'
import { virtualService } from '../../../rules/worlds.ts'

const over = (spec: object): VirtualService => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'cart', namespace: 'shop' },
  spec,
})

/** A JSON patch carried out; throws where a step does not fit. */
function patched(object: object, steps: readonly PatchStep[]): object {
  const copy = structuredClone(object)
  for (const { op, path, value } of steps) {
    const keys = path
      .slice(1)
      .split('/')
      .map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    const within = keys
      .slice(0, -1)
      .reduce((part, key) => part[key] as Record<string, unknown>, copy as Record<string, unknown>)
    const last = keys.at(-1)!
    if (op !== 'add') assert.ok(within[last] !== undefined, `${op} ${path}`)
    if (op === 'test') assert.deepEqual(within[last], value)
    else if (op === 'add') within[last] = value
    else if (Array.isArray(within)) within.splice(Number(last), 1)
    else delete within[last]
  }
  return copy
}
const to = (subset: string, weight?: number) => ({
  destination: { host: 'cart', subset },
  ...(weight === undefined ? {} : { weight }),
})
const place = (i: number, j: number): Path => ['spec', 'http', i, 'route', j, 'destination']
const result = (http: object, ...places: readonly Path[]): unknown => {
  const object = over({ hosts: ['cart'], http })
  const steps = removalPatch(object, places)
  return steps === undefined
    ? undefined
    : Reflect.get(Reflect.get(patched(object, steps), 'spec') as object, 'http')
}

describe('the removal of destinations from a VirtualService', () => {
  it('gives the share to the others in their proportions', () => {
    assert.deepEqual(result([{ route: [to('v1', 60), to('v2', 20), to('v3', 20)] }], place(0, 1)), [
      { route: [to('v1', 75), to('v3', 25)] },
    ])
  })
  it('shares evenly among destinations without a share', () => {
    assert.deepEqual(result([{ route: [to('v1', 0), to('v2', 100), to('v3', 0)] }], place(0, 1)), [
      { route: [to('v1', 50), to('v3', 50)] },
    ])
  })
  it('removes a route for some requests that has no other destination', () => {
    assert.deepEqual(
      result([{ match: [{ uri: { prefix: '/a' } }], route: [to('v2')] }, { route: [to('v1')] }], place(0, 0)),
      [{ route: [to('v1')] }],
    )
  })
  it('keeps the last route without the subset', () => {
    assert.deepEqual(result([{ route: [to('v1', 90), to('v2', 10)] }], place(0, 0), place(0, 1)), [
      { route: [{ destination: { host: 'cart' }, weight: 100 }] },
    ])
  })
  it('removes mirrors in both spellings', () => {
    const http = [
      {
        route: [to('v1')],
        mirror: { host: 'cart', subset: 'v2' },
        mirrors: [
          { destination: { host: 'cart', subset: 'v2' } },
          { destination: { host: 'cart', subset: 'v1' } },
        ],
      },
    ]
    assert.deepEqual(
      result(http, ['spec', 'http', 0, 'mirror'], ['spec', 'http', 0, 'mirrors', 0, 'destination']),
      [{ route: [to('v1')], mirrors: [{ destination: { host: 'cart', subset: 'v1' } }] }],
    )
  })
  it('is impossible if nothing would be left, or the path does not exist', () => {
    assert.deepEqual(
      [
        result([{ route: [{ destination: { host: 'cart' } }] }], place(0, 0)),
        result([{ route: [to('v1')] }], place(3, 0)),
      ],
      [undefined, undefined],
    )
  })
})

describe('the patch that removes destinations', () => {
  it('applies to its object, and every changed split adds up to 100, whatever is removed', () => {
    fc.assert(
      fc.property(virtualService, fc.infiniteStream(fc.boolean()), (generated, chosen) => {
        const object = generated as VirtualService
        const { routes } = routingOf(object)
        const steps = removalPatch(
          object,
          routes
            .flatMap(({ targets }) => targets)
            .filter(() => chosen.next().value === true)
            .map(target => target.place),
        )
        if (steps === undefined) return
        const splitOf = ({ targets }: Route): readonly (number | undefined)[] =>
          targets.filter(({ isMirror }) => !isMirror).map(({ weight }) => weight)
        const known = new Set(routes.map(route => JSON.stringify(splitOf(route))))
        for (const weights of routingOf(patched(object, steps) as VirtualService).routes.map(splitOf)) {
          if (weights.length > 1 && !known.has(JSON.stringify(weights)))
            assert.equal(
              weights.reduce<number>((sum, weight = 0) => sum + weight, 0),
              100,
            )
        }
      }),
    )
  })
})
