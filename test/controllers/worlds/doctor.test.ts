import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand, words } from '../../plugin/run-command.ts'
import { ControllerStore, liveObjects, worldNames } from './worlds.ts'

const doctor = async (world: string, service = ''): Promise<string> => {
  const { stdout, code, stderr } = await runCommand(words(`doctor ${service} -n shop`), {
    store: new ControllerStore(liveObjects(world)),
  })
  assert.equal(code, 0, `${stdout}${stderr}`)
  return stdout
}

for (const world of worldNames)
  test(`${world}: doctor asks for nothing that its controller refuses, and finds no pods missing`, async () => {
    const said = await doctor(world)
    assert.doesNotMatch(
      said,
      /kubectl canary init|no label|neither the label|has no ready pod|which creates it/,
    )
  })

for (const [world, service, lines] of [
  [
    'rollout-replicas',
    'rollouts-demo',
    [
      'Rollout rollouts-demo has app; Argo Rollouts labels the pods of each version with rollouts-pod-template-hash',
      'no subsets: Rollout shop/rollouts-demo says what its versions are',
      'no routes: requests go to all its pods, as Rollout shop/rollouts-demo has them',
    ],
  ],
  [
    'rollout-blue-green',
    'rollout-bluegreen-active',
    ['no routes: requests go to the active pods, as Rollout shop/rollout-bluegreen has them'],
  ],
  [
    'flagger-blue-green',
    'podinfo',
    [
      'Deployment podinfo-primary has app; Flagger has the versions in workloads and Services of their own',
      'no routes: requests go to the pods of Deployment podinfo-primary, as Canary shop/podinfo has them',
    ],
  ],
] as const)
  test(`${world}: doctor says by what its controller tells versions apart`, async () => {
    const said = await doctor(world, service)
    for (const line of lines) assert.ok(said.includes(line), `${line}\n${said}`)
  })

test('what the pods of a Canary lack is fixed in the Deployment that Flagger copies', async () => {
  const store = new ControllerStore(
    JSON.parse(
      JSON.stringify(liveObjects('flagger-blue-green')).replaceAll('"app":', '"tier":'),
    ) as ReturnType<typeof liveObjects>,
  )
  const { stdout } = await runCommand(words('doctor podinfo -n shop'), { store })
  assert.match(stdout, /the pods of Deployment podinfo-primary have no label app/)
  assert.match(stdout, /kubectl patch deployment podinfo -n shop/)
})
