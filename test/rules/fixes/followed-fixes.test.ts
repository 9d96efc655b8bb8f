import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { quotedWords } from '../../../shared/objects/text/kubectl-commands.ts'
import { fixTextOf } from '../../../shared/rules/fixes/fix-text.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { preFlight } from '../../../plugin/edit/pre-flight.ts'
import { world as crowded } from '../../plan/random/worlds.ts'
import { abort, cohort, init, planned, promote, weight, type Verb } from '../../plan/random/verbs.ts'
import { fc } from '../../properties.ts'
import { followed } from '../follow-fix.ts'
import { world as broken } from '../worlds.ts'
import { commanded, commandsOf } from './follow-command.ts'
import { accepted, brought, countOf, judge, needsWorkload } from './worlds.ts'

type Objects = readonly KubeObject[]

const sources = { positionOf: () => ({ file: 'k8s/all.yaml', line: 1, column: 1 }) }
const onCluster = (objects: Objects): readonly Finding[] => lintView(judge, snapshot(objects))
const inFiles = (objects: Objects): readonly Finding[] =>
  lintView({ ...judge, settings: { ...judge.settings, folder: true } }, snapshot(objects))

/** The objects after a fix as it is printed for a cluster; undefined where it leaves something to a person. */
function fixedOnCluster(objects: Objects, { fix, canary, ref }: Finding): Objects | undefined {
  const text = canary === undefined ? fix : `kubectl canary ${quotedWords(canary)}`
  const commands = commandsOf(text)
  return commands.length > 0
    ? commands.reduce(commanded, objects)
    : followed(objects, { on: keyOf(ref), fix: text })
}

function fixedInFiles(objects: Objects, finding: Finding): Objects | undefined {
  const fix = fixTextOf(finding, { sources })
  // Each line of a fix with several steps is one of them.
  return (finding.steps === undefined ? [fix] : fix.split('\n')).reduce<Objects | undefined>(
    (at, line) => at && followed(at, { on: keyOf(finding.ref), fix: line }),
    objects,
  )
}

/** Follows each fix by itself; gives how many could be followed. */
function checkEach(objects: Objects, findingsIn: typeof onCluster, fixed: typeof fixedOnCluster): number {
  const before = findingsIn(objects)
  let count = 0
  for (const finding of before) {
    if (needsWorkload(finding)) continue
    const world = fixed(objects, finding)
    if (world === undefined) continue
    count++
    const after = findingsIn(world)
    assert.ok(countOf(finding, after) < countOf(finding, before), `stays: ${finding.message}\n${finding.fix}`)
    assert.deepEqual(brought(finding, before, after), [], `${finding.message}\n${finding.fix}`)
  }
  return count
}

describe('a fix that lint prints, followed to the letter, removes its finding and brings no other', () => {
  for (const [where, findingsIn, fixed] of [
    ['on a cluster', onCluster, fixedOnCluster],
    ['in files', inFiles, fixedInFiles],
  ] as const)
    for (const [what, worlds] of [
      ['broken worlds', broken],
      ['worlds in which routes meet', crowded],
    ] as const)
      it(`${where}: ${what}`, () => {
        let count = 0
        fc.assert(
          fc.property(worlds, drawn => {
            count += checkEach(accepted(drawn), findingsIn, fixed)
          }),
          { numRuns: 120 },
        )
        assert.ok(count >= 5, String(count))
      })
})

describe('a fix that the pre-flight of an edit prints, followed to the letter, lets the edit pass it in the end', () => {
  const verbs: Readonly<Record<string, Verb>> = {
    cohort: cohort([{ on: 'header', name: 'x-istio-cohort', match: { exact: 'internal' } }]),
    weight: weight(10),
    promote,
    abort,
    init: init([], []),
  }
  const refusedIn = async (objects: Objects, verb: Verb): Promise<readonly Finding[]> => {
    const view = snapshot(objects)
    const changes = planned(view, verb)?.changes ?? []
    return (await preFlight({ view, notes: [], live: true }, { changes, now: new Date() })).refused
  }
  /** Follows the first fix that is a command, and tries the edit again, until none is left: no fix is printed twice. */
  const followAll = async (objects: Objects, verb: Verb, known: readonly string[] = []): Promise<void> => {
    const refused = await refusedIn(objects, verb)
    const next = refused.find(finding => commandsOf(finding.fix).length > 0 && !needsWorkload(finding))
    if (next === undefined) return
    assert.ok(!known.includes(next.fix), `again: ${next.message}\n${next.fix}`)
    // What an edit is made of depends on what is there, so that another client may be the next to be named.
    await followAll(commandsOf(next.fix).reduce(commanded, objects), verb, [...known, next.fix])
  }
  for (const [name, verb] of Object.entries(verbs))
    it(name, async () => {
      await fc.assert(
        fc.asyncProperty(crowded, drawn => followAll(accepted(drawn), verb)),
        { numRuns: 40 },
      )
    })
})
