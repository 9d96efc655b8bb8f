import assert from 'node:assert/strict'
import type { Cluster } from '../cluster/cluster.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import { canary, canaryObjects, progressing } from './canary-objects.ts'
import { controllersWorld, type ControllersWorld, type SentPatch } from './controllers-world.ts'
import { atPause } from './rollout-objects.ts'
import { rolloutWorld } from './rollout-orders.ts'

const real = clusterTests({ crds: ['istio', 'controllers'] })

async function catalogWorld(cluster: Cluster): Promise<ControllersWorld> {
  const made = await controllersWorld(cluster, canary, { 'canaries/catalog-release': progressing })
  const { metadata } = await made.get('canaries/catalog-release')
  await cluster.apply(canaryObjects(metadata.uid!), { namespace: made.namespace })
  for (const name of ['catalog', 'catalog-primary'])
    await made.patch(`deployments/${name}/status`, { status: { replicas: 1, readyReplicas: 1 } })
  return made
}

const ofStatus = (status: object): SentPatch => ({
  at: 'rollouts/checkout/status',
  type: 'merge',
  body: { status },
})
const ofRollout = (spec: object): SentPatch => ({ at: 'rollouts/checkout', type: 'merge', body: { spec } })
const ofCanary = (spec: object): SentPatch => ({
  at: 'canaries/catalog-release',
  type: 'merge',
  body: { spec },
})

/** What is typed, how it ends, what it says, and what is sent: a JSON patch by its kind alone. */
type Row = readonly [string, number, RegExp, (readonly (SentPatch | 'json')[])?]

const rollout: readonly Row[] = [
  ['status checkout-stable', 0, /Argo Rollouts: Rollout \S+\/checkout is Paused/],
  ['list', 0, /OWNER[^]*Rollout \S+\/checkout/],
  ['doctor checkout-stable', 3, /has no ready pod/],
  ['history checkout-stable', 0, /No changes are recorded/],
  ['try http://checkout-stable/', 0, /checkout/],
  ['cohort beta checkout-stable --to checkout-canary', 3, /setHeaderRoute/],
  ['weight checkout-stable checkout-canary=40', 3, /setWeight/],
  ['mirror checkout-stable checkout-canary=10', 3, /setMirrorRoute/],
  ['init checkout-stable --stable checkout-stable', 3, /trafficRouting/],
  ['cleanup checkout-stable', 3, /Nothing is left over/],
  ['run checkout-stable checkout-canary --prometheus none', 3, /is delivered by Rollout/],
  ['promote checkout-stable nothing', 1, /has no version nothing/],
  ['promote checkout-stable --step', 0, /continues from step 2/, [ofStatus({ pauseConditions: null })]],
  ['promote checkout-stable --full', 0, /sends everything/, [ofStatus({ promoteFull: true })]],
  ['promote checkout-stable checkout-canary', 0, /sends everything/, [ofStatus({ promoteFull: true })]],
  ['abort checkout-stable', 0, /back to its stable version/, [ofStatus({ abort: true })]],
  ['retry checkout-stable', 0, /Nothing to retry/],
  ['pause checkout-stable', 0, /stays where it is/, [ofRollout({ paused: true })]],
  ['resume checkout-stable', 0, /waits at a pause of its own/],
  ['undo checkout-stable', 0, /pod template of revision 2/, ['json']],
]

const flagger: readonly Row[] = [
  ['status catalog', 0, /Flagger: Canary \S+\/catalog-release is Progressing at 10 %/],
  ['list', 0, /OWNER[^]*Canary \S+\/catalog-release/],
  ['doctor catalog', 0, /Service \S+\/catalog: ready/],
  ['history catalog', 0, /No changes are recorded/],
  ['try http://catalog/', 0, /catalog-primary/],
  ['cohort beta catalog --to catalog-canary', 3, /spec\.analysis\.match/],
  ['weight catalog catalog-canary=40', 3, /suspend it first: kubectl canary pause catalog/],
  ['mirror catalog catalog-canary=10', 3, /spec\.analysis\.mirror/],
  ['init catalog --stable catalog-primary', 3, /spec\.service/],
  ['cleanup catalog', 3, /Nothing is left over/],
  ['run catalog catalog-canary --prometheus none', 3, /is delivered by Canary/],
  ['promote catalog nothing', 1, /has no version nothing/],
  ['promote catalog --step', 3, /continues by itself/],
  ['promote catalog --full', 0, /without more analysis/, [ofCanary({ skipAnalysis: true })]],
  ['promote catalog canary', 0, /without more analysis/, [ofCanary({ skipAnalysis: true })]],
  ['abort catalog', 3, /webhook of type rollback/],
  ['retry catalog', 3, /kubectl rollout restart deployment\/catalog/],
  ['pause catalog', 0, /is suspended/, [ofCanary({ suspend: true })]],
  ['resume catalog', 0, /unchanged/],
  ['undo catalog', 3, /kubectl rollout undo deployment\/catalog/],
]

for (const [what, table, make] of [
  [
    'a Rollout at a pause',
    rollout,
    async (cluster: Cluster) => {
      const world = await rolloutWorld(cluster, atPause)
      const status = { abort: null, promoteFull: null, ...atPause }
      const { spec } = (await world.get('rollouts/checkout')) as unknown as { readonly spec: object }
      const template = Reflect.get(spec, 'template') as object
      return {
        world,
        reset: async () => {
          await world.patch('rollouts/checkout', { spec: { paused: null, template } })
          await world.patch('rollouts/checkout/status', { status })
        },
      }
    },
  ],
  [
    'a Canary in its analysis',
    flagger,
    async (cluster: Cluster) => {
      const world = await catalogWorld(cluster)
      const spec = { suspend: null, skipAnalysis: null }
      return { world, reset: () => world.patch('canaries/catalog-release', { spec }) }
    },
  ],
] as const)
  real(`beside ${what} every verb does one thing, or says what does it`, async cluster => {
    const { world, reset } = await make(cluster)
    for (const [line, code, says, patches = []] of table) {
      const ended = await world.canary(line)
      assert.equal(ended.code, code, `${line}: ${ended.stdout}${ended.stderr}`)
      assert.match((ended.stdout + ended.stderr).replaceAll(/\s+/g, ' '), says, line)
      assert.deepEqual(
        world.sent().map(patch => (patch.type === 'json' ? patch.type : patch)),
        patches,
        line,
      )
      if (patches.length > 0) await reset()
    }
  })
