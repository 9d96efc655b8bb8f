import assert from 'node:assert/strict'
import test from 'node:test'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { controllersWorld } from '../../controllers/controllers-world.ts'
import { aborted, atPause, rolloutObjects } from '../../controllers/rollout-objects.ts'
import { words } from '../run-command.ts'
import { fastClock } from '../run/fast-clock.ts'
import { examplesWorld, type ExamplesWorld, type Place } from './examples-world.ts'
import { expected, type Expected } from './expected.ts'
import { helpExamples, type HelpExample } from './help-examples.ts'

const real = clusterTests()

const keyOf = ({ words: said, line }: HelpExample): string =>
  line.replace(/^.*kubectl[ -]canary (.*?)(?: [|>] .*|\))?$/, '$1') || said.join(' ')

test('each example of each help is run by a test, and each expectation is of an example', () => {
  const lines = [...helpExamples.values()].flat().map(keyOf)
  assert.deepEqual(
    lines.filter(line => !Object.hasOwn(expected, line)),
    [],
  )
  assert.deepEqual(
    Object.keys(expected).filter(line => !lines.includes(line)),
    [],
  )
})

for (const [verb, examples] of helpExamples)
  real(`each example of the help of ${verb} does what it says`, async cluster => {
    const worlds = new Map<Place, ExamplesWorld>()
    try {
      for (const example of examples) {
        const entry = expected[keyOf(example)]
        if (entry === undefined || typeof entry === 'string') continue
        const wanted: Expected = entry instanceof RegExp ? { says: entry } : entry
        const { place = 'routed' } = wanted
        const world = worlds.get(place) ?? (await examplesWorld(cluster, place))
        worlds.set(place, world)
        await follows(world, example, wanted)
      }
    } finally {
      for (const world of worlds.values()) await world[Symbol.asyncDispose]()
    }
  })

/** Runs an example after what it needs, and looks at what it says. */
async function follows(
  world: ExamplesWorld,
  { words: argv, line }: HelpExample,
  { says, code = 0, before = [] }: Expected,
): Promise<void> {
  for (const earlier of before) {
    const ended = await world.run(words(earlier))
    assert.equal(ended.code, 0, `${earlier}: ${ended.stderr}`)
  }
  const isWatch = argv.includes('-w')
  const { stdout, stderr, ...ended } = await world.run(
    argv,
    isWatch ? { interrupt: AbortSignal.timeout(500) } : {},
  )
  assert.equal(ended.code, isWatch ? 130 : code, `${line}\n${stdout}${stderr}`)
  assert.match(stdout + stderr, says, line)
  assert.doesNotMatch(stderr, /deprecated/, line)
}

const exampleOf = (verb: string, part = ''): HelpExample =>
  helpExamples.get(verb)!.find(({ line }) => line.includes(part))!

real('the examples of pause, resume and wait do what they say of a run that is under way', async cluster => {
  await using world = await examplesWorld(cluster, 'routed')
  const orders = new Map([
    [60, { example: exampleOf('pause'), says: /"looking at the logs"|paused/ }],
    [600, { example: exampleOf('resume'), says: /continues|resumed/ }],
  ])
  const clock = fastClock(async seconds => {
    for (const [at, { example, says }] of orders)
      if (seconds >= at) {
        orders.delete(at)
        await follows(world, example, { says })
      }
  })
  const ended = await world.run(exampleOf('run', '--threshold 5').words, { clock })
  assert.equal(ended.code, 0, ended.stderr)
  assert.deepEqual([...orders.keys()], [])
  await follows(world, exampleOf('wait'), { says: /promoted/ })
})

real('the example of --resume continues a run whose process has ended', async cluster => {
  await using world = await examplesWorld(cluster, 'routed')
  const killed = new Error('killed')
  const clock = fastClock(seconds => {
    if (seconds > 100) throw killed
  })
  const ended = await world.run(exampleOf('run', '--threshold 5').words, { clock })
  assert.notEqual(ended.code, 0)
  await follows(world, exampleOf('run', '--resume'), { says: /v2 was promoted/ })
})

const withControllers = clusterTests({ crds: ['istio', 'controllers'] })

for (const [example, status, says] of [
  [exampleOf('promote', '--step'), atPause, /continues from step 2 of 4/],
  [exampleOf('promote', '--full'), atPause, /sends everything to the new version/],
  [exampleOf('retry'), aborted, /from its first step/],
] as const)
  withControllers(`"${example.line}" does what it says of a Rollout`, async cluster => {
    const yaml = rolloutObjects.replaceAll('checkout', 'catalog')
    const { canary } = await controllersWorld(cluster, yaml, { 'rollouts/catalog': status })
    const { code, stdout, stderr } = await canary(example.words.join(' '))
    assert.equal(code, 0, stderr)
    assert.match(stdout + stderr, says)
  })
