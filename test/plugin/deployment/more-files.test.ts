import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'
import type { Ended } from '../run-command.ts'
import { colours, pods, service, tracks } from './pods-world.ts'

/** Works in a folder with one file, as people type it. */
async function typed(yaml: string, ...lines: readonly string[]): Promise<readonly Ended[]> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', yaml.replace(/^---\n/, ''))
  const ended: Ended[] = []
  for (const line of lines) ended.push(await folder.run(line))
  return ended
}

const autoscaler = (least: number, most: number): string => `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: hello }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: hello }
  minReplicas: ${least}
  maxReplicas: ${most}
`

const budget = (says: string, labels = 'app: hello, track: stable'): string => `---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: hello }
spec: { ${says}, selector: { matchLabels: { ${labels} } } }
`

describe('a PodDisruptionBudget', () => {
  const said = async (says: string, line: string): Promise<Ended> =>
    (await typed(tracks(4, 0) + budget(says), line))[0]!

  for (const says of ['minAvailable: 3', 'maxUnavailable: 1', 'minAvailable: 75%', 'maxUnavailable: 25%'])
    it(`that says ${says} holds no promotion up, and the plan says so`, async () => {
      const { code, stderr } = await said(says, 'promote hello canary')
      assert.equal(code, 0, stderr)
      assert.match(
        stderr,
        new RegExp(`PodDisruptionBudget default/hello \\(${says}\\) has no pods left: it limits evictions`),
      )
    })

  for (const [says, line] of [
    ['minAvailable: 3', 'weight hello canary=25'],
    ['minAvailable: 75%', 'weight hello canary=75'],
  ] as const)
    it(`that says ${says} and would let no pod be evicted after ${line} is named`, async () => {
      const { code, stderr } = await said(says, line)
      assert.equal(code, 0, stderr)
      assert.match(stderr, /lets none of the .* left be evicted/)
    })

  it('asks for pods that would not be there, and the edit is refused', async () => {
    const { code, stderr } = await said('minAvailable: 3', 'weight hello canary=50')
    assert.equal(code, 3)
    assert.match(stderr, /asks for 3 available pods, and 2 would be left/)
    assert.match(stderr, /ask for less: Set spec\.minAvailable: 2 in PodDisruptionBudget default\/hello/)
  })
})

describe('an autoscaler that was bound for a canary', () => {
  it('keeps stable smaller after an abort, which says so with the way back', async () => {
    const [weighed] = await typed(tracks(4, 0) + autoscaler(3, 3), 'weight hello canary=25')
    assert.equal(weighed?.code, 0, weighed?.stderr)
    const [, aborted] = await typed(tracks(4, 0) + autoscaler(3, 3), 'weight hello canary=25', 'abort hello')
    assert.match(aborted!.stderr, /HorizontalPodAutoscaler default\/hello keeps hello at 3 of the 4 pods/)
  })
})

describe('an autoscaler in files that would set replicas back', () => {
  it('is bound by an edit of its file, not on a cluster, and then agrees', async () => {
    const [refused] = await typed(tracks(4, 0) + autoscaler(2, 8), 'weight hello canary=25')
    assert.equal(refused?.code, 3)
    assert.doesNotMatch(refused.stderr, /kubectl patch/)
    const asked =
      /Set spec\.minReplicas: (\d+), spec\.maxReplicas: (\d+) in HorizontalPodAutoscaler default\/hello/
    const [, least, most] = asked.exec(refused.stderr) ?? []
    const bound = autoscaler(Number(least), Number(most))
    const [done] = await typed(tracks(4, 0) + bound, 'weight hello canary=25')
    assert.equal(done?.code, 0, done?.stderr)
  })
})

describe('init for a Service without routes', () => {
  for (const [what, yaml, asked, stable] of [
    ['two colours', colours(1, 1), 'green', 'blue'],
    ['two tracks', tracks(2, 1), 'canary', 'stable'],
    ['a version without pods', tracks(2, 0), 'canary', 'stable'],
  ] as const)
    it(`of ${what} refuses another stable version than there is, and its hint is followed`, async () => {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', yaml.replace(/^---\n/, ''))
      const { code, stderr } = await folder.run(`init hello --stable ${asked} --provider deployment`)
      assert.equal(code, 3, stderr)
      assert.match(stderr, new RegExp(`${stable} of hello is stable, and not ${asked}`))
      assert.equal((await folder.run(`init hello --stable ${stable} --provider deployment`)).code, 0)
    })
})

describe('blue/green in files', () => {
  it('is known without --provider before and after a promotion', async () => {
    const all = await typed(colours(1, 1), 'promote hello green', 'status hello', 'promote hello blue')
    for (const { code, stderr } of all) assert.equal(code, 0, stderr)
    assert.match(all[1]!.stdout, /green +100\.0 %/)
  })
})

describe('a StatefulSet behind a Service', () => {
  it('is named as what is not scaled, whatever its labels are', async () => {
    const set = pods('hello', 'app: hello, track: stable').replace('kind: Deployment', 'kind: StatefulSet')
    const [ended] = await typed(
      service('hello', 'app: hello') + set,
      'promote hello v2 --provider deployment',
    )
    assert.match(
      ended!.stderr,
      /StatefulSet default\/hello has the pods of hello, and only Deployments are scaled/,
    )
  })
})
