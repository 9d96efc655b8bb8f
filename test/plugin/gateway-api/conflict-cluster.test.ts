import assert from 'node:assert/strict'
import type { RouteRule } from '../../../shared/objects/gateway-api.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { passingServer } from '../history/passing-server.ts'
import { gatewayWorld, grpcRoute, httpRoute, backend, type GatewayWorld } from './gateway-world.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

type Resource = 'httproutes' | 'grpcroutes'

/** A rule that somebody else writes meanwhile. */
const byHand: Readonly<Record<Resource, RouteRule>> = {
  httproutes: {
    matches: [{ path: { type: 'Exact', value: '/by-hand' } }],
    backendRefs: [backend('other')],
  },
  grpcroutes: {
    matches: [{ method: { type: 'Exact', service: 'by.Hand' } }],
    backendRefs: [backend('other')],
  },
}

const cases = [
  { after: [], verb: 'cohort internal catalog --to v2' },
  { after: ['cohort internal catalog --to v2'], verb: 'cohort internal catalog --remove' },
  { after: [], verb: 'weight catalog v2=10' },
  { after: [], verb: 'mirror catalog v2=30' },
  { after: ['weight catalog v2=10'], verb: 'promote catalog v2' },
  { after: ['weight catalog v2=10'], verb: 'abort catalog' },
  { after: ['weight catalog v2=10'], verb: 'undo catalog' },
]

/** The rules after the verb where nobody else writes. */
async function undisturbed(
  world: GatewayWorld,
  resource: Resource,
  { after, verb }: (typeof cases)[number],
): Promise<readonly RouteRule[]> {
  for (const line of [...after, verb]) await world.does(line)
  return (await world.route(resource)).spec!.rules!
}

for (const one of cases)
  for (const [resource, yaml] of [
    ['httproutes', httpRoute('service')],
    ['grpcroutes', grpcRoute],
  ] as const)
    real(
      `${[...one.after, one.verb].join(' · ')} on ${resource} is planned again on what somebody else wrote`,
      async cluster => {
        const expected = await undisturbed(await gatewayWorld(cluster, yaml), resource, one)
        const world = await gatewayWorld(cluster, yaml)
        for (const line of one.after) await world.does(line)
        let edits = 0
        await using server = await passingServer(cluster, async ({ path }) => {
          if (path !== world.path(resource, 'catalog') || edits++ > 0) return
          await cluster.expect(path, {
            method: 'PATCH',
            contentType: 'application/json-patch+json',
            body: [{ op: 'add', path: '/spec/rules/0', value: byHand[resource] }],
          })
        })
        const { stderr } = await world.does(`${one.verb} --server ${server.url}`)
        // The write that is refused, the one that is not, and at the end of a canary one that gives up the claim.
        assert.equal(edits, one.after.length > 0 ? 3 : 2)
        assert.match(stderr, /Route .*\/catalog was changed by someone else in the meantime|trying again/)
        const [first, ...others] = (await world.route(resource)).spec!.rules!
        assert.deepEqual(first, byHand[resource])
        assert.deepEqual(others, expected)
      },
    )
