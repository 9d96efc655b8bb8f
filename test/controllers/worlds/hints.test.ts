import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindOf, resources } from '../../../shared/objects/kinds.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { fieldsOf } from '../../../shared/objects/unchecked.ts'
import { openStore } from '../../../plugin/open-store.ts'
import { splitWords } from '../../../plugin/words/shell-words.ts'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'
import { runCommand, type Ended } from '../../plugin/run-command.ts'
import { committed, ControllerStore, liveObjects, worldNames } from './worlds.ts'

/** By which Service, and which version, each world is asked. */
const asked: Readonly<Record<string, readonly [string, string]>> = {
  'flagger-ab': ['podinfo', 'podinfo-canary'],
  'flagger-blue-green': ['podinfo', 'podinfo-canary'],
  'flagger-gateway-api': ['podinfo', 'podinfo-canary'],
  'flagger-istio': ['podinfo', 'podinfo-canary'],
  'rollout-blue-green': ['rollout-bluegreen-active', 'rollout-bluegreen-preview'],
  'rollout-gateway-api': ['rollouts-demo', 'argo-rollouts-canary-service'],
  'rollout-istio-hosts': ['stable-svc', 'canary-svc'],
  'rollout-istio-subsets': ['rollouts-demo', 'canary'],
  'rollout-replicas': ['rollouts-demo', 'canary'],
  'rollout-umbrella': ['checkout', 'checkout-canary'],
}

const verbs = (service: string, version: string): readonly string[] => [
  `status ${service}`,
  `list ${service}`,
  `doctor ${service}`,
  `init ${service} --stable ${version}`,
  `weight ${service} ${version}=40`,
  `weight ${service} ${version}=40 --provider gateway-api`,
  `cohort beta ${service} --to ${version}`,
  `mirror ${service} ${version}=10`,
  `promote ${service} ${version}`,
  `promote ${service} nothing`,
  `promote ${service} --step`,
  `promote ${service} --full`,
  `abort ${service}`,
  `retry ${service}`,
  `pause ${service}`,
  `resume ${service}`,
  `undo ${service}`,
  `cleanup ${service}`,
]

/** The commands of ours that a text offers. */
const offered = ({ stdout, stderr }: Ended): readonly string[] =>
  [...(stdout + stderr).matchAll(/kubectl canary ((?:(?!; | \(|,? or kubectl).)*)/g)]
    .map(([, command]) => command!.trimEnd())
    .filter(command => command.includes(' -n '))

/** Those of kubectl, each with the kind and the name that it is about. */
const aboutObjects = ({ stdout, stderr }: Ended): readonly (readonly [string, string])[] =>
  [...(stdout + stderr).matchAll(/kubectl (?:edit|patch|get|rollout \w+) ([\w.]+)[ /]([\w-]+)/g)].map(
    ([, kind, name]) => [kind!, name!],
  )

/** How kubectl is told the kind of an object. */
const namesOf = (object: KubeObject): readonly string[] => [
  object.kind.toLowerCase(),
  resources[kindOf(object)!].plural,
]

const onCluster = (store: ControllerStore, line: string): Promise<Ended> =>
  runCommand(splitWords(line), { store })

/** Where a rollout may be besides the middle of it: fields of its spec, and of its status. */
const states: Readonly<Record<'Rollout' | 'Canary', readonly (readonly [string, object, object])[]>> = {
  Rollout: [
    ['under way', {}, {}],
    ['aborted', {}, { abort: true, pauseConditions: null }],
    ['promoted', {}, { stableRS: 'c3', pauseConditions: null }],
    ['paused by hand', { paused: true }, {}],
  ],
  Canary: [
    ['under way', {}, {}],
    ['suspended', { suspend: true }, {}],
    ['done', {}, { phase: 'Succeeded' }],
    ['promoting', {}, { phase: 'Promoting' }],
    ['skipping its analysis', { skipAnalysis: true }, {}],
    ['without a status', {}, { phase: '' }],
  ],
}

const kindIn = (world: string): 'Rollout' | 'Canary' => (world.startsWith('flagger') ? 'Canary' : 'Rollout')

const inState = (world: string, spec: object, status: object): ControllerStore =>
  new ControllerStore(
    liveObjects(world).map(object =>
      object.kind === kindIn(world)
        ? {
            ...object,
            spec: { ...fieldsOf(Reflect.get(object, 'spec')), ...spec },
            status: { ...fieldsOf(Reflect.get(object, 'status')), ...status },
          }
        : object,
    ),
  )

for (const world of worldNames)
  for (const [state, spec, status] of states[kindIn(world)])
    test(`${world}, ${state}: on a cluster, no command that a verb offers is refused, and each is about what is there`, async () => {
      let count = 0
      for (const line of verbs(...asked[world]!)) {
        const store = inState(world, spec, status)
        const said = await onCluster(store, `${line} -n shop`)
        assert.doesNotMatch(said.stderr, /-f |VERSION/, line)
        for (const command of offered(said)) {
          const { code, stderr } = await onCluster(new ControllerStore(store.objects), command)
          assert.equal(code, 0, `${line} offers ${command}: ${stderr}`)
          count++
        }
        for (const [kind, name] of aboutObjects(said)) {
          const isMeant = store.objects.some(
            object => namesOf(object).includes(kind.split('.')[0]!) && object.metadata.name === name,
          )
          assert.ok(isMeant, `${line} offers a command for ${kind} ${name}`)
          count++
        }
      }
      assert.ok(count > 2, `${count} commands`)
    })

for (const world of worldNames)
  test(`${world}: on files, commands that a verb offers name the files and work, and none is for a cluster by accident`, async () => {
    for (const line of verbs(...asked[world]!).filter(verb => !verb.startsWith('undo'))) {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', committed(world))
      const onFiles = (words: string): Promise<Ended> => runCommand(splitWords(words), { store: openStore })
      const said = await onFiles(`${line} -n shop -f ${folder.path}`)
      assert.deepEqual(aboutObjects(said), [], `${line}: ${said.stderr}`)
      for (const command of offered(said)) {
        const isForCluster = /(on the cluster|There, while it is suspended): kubectl canary/i
        const ended = command.includes(`-f ${folder.path}`)
          ? await onFiles(command)
          : await onCluster(suspended(world, said.stderr), command)
        if (!command.includes(' -f ')) assert.match(said.stderr, isForCluster, line)
        assert.equal(ended.code, 0, `${line} offers ${command}: ${ended.stderr}`)
      }
    }
  })

/** The cluster of a world, with its Canary suspended where a text asks for that. */
const suspended = (world: string, said: string): ControllerStore =>
  inState(world, said.includes('while it is suspended') ? { suspend: true } : {}, {})
