import assert from 'node:assert/strict'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { byLabel, pageWorld, type PageWorld } from './api7-world.ts'

const real = clusterTests({ crds: ['istio'] })

const app = 'api7.cloud/published-service'

/** The first command of ours that an error prints. */
const commandIn = (stderr: string): string => /kubectl canary (.*)$/m.exec(stderr)?.[1] ?? assert.fail(stderr)

/** Types what an error says, to the letter. */
const follow = (world: PageWorld, stderr: string) =>
  world.does(
    commandIn(stderr)
      .replace(/ -n \S+/, '')
      .replace(/ --kubeconfig \S+/, ''),
  )

real('what a refusal advises is carried out to the letter', async cluster => {
  const world = await pageWorld(cluster, byLabel)
  const unpublished = await world.canary('abort error-page-v1 --provider api7')
  assert.equal(unpublished.code, 1, unpublished.stderr)
  await follow(world, unpublished.stderr)
  assert.deepEqual(await world.said('error-page-v1'), { [app]: 'error-page' })
  await world.does('weight error-page v2=10')
  await follow(world, await world.refuses('weight error-page v2=0'))
  assert.equal((await world.said('error-page-v2'))['api7.cloud/published-canary-service'], undefined)
  await world.does('weight error-page v3=10')
  await follow(world, await world.refuses('undo error-page'))
  assert.equal((await world.said('error-page-v3'))['api7.cloud/published-canary-service'], undefined)
})
