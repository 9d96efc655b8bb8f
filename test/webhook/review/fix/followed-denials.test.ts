import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyOf, type KubeObject } from '../../../../shared/objects/kube-object.ts'
import { refOf } from '../../../../shared/objects/kinds.ts'
import type { Finding } from '../../../../shared/rules/rule.ts'
import { changedRef, type Change } from '../../../../shared/view/change.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import { denialMessage } from '../../../../webhook/admission/denial-message.ts'
import { defaultConfig } from '../../../../webhook/config/config.ts'
import { review } from '../../../../webhook/review/review.ts'
import { world } from '../../../plan/random/worlds.ts'
import { fc } from '../../../properties.ts'
import { breaksOf } from '../../../rules/fixes/breaks.ts'
import { commanded } from '../../../rules/fixes/follow-command.ts'
import { accepted, brought, countOf, judge, needsWorkload } from '../../../rules/fixes/worlds.ts'
import { blocksOf, commandsIn, edited, editsIn } from '../../cluster/rules/denial.ts'
import { requestFor } from '../../requests.ts'

type Objects = readonly KubeObject[]

const without = (objects: Objects, change: Change): Objects =>
  objects.filter(object => keyOf(refOf(object)) !== keyOf(changedRef(change)))

/** What refuses a change of the objects, which are read again. */
function denialsOf(objects: Objects, change: Change): readonly Finding[] {
  const before = objects.find(object => keyOf(refOf(object)) === keyOf(changedRef(change)))
  if (before === undefined && change.after === undefined) return []
  const request = requestFor({ ...(before && { before }), ...(change.after && { after: change.after }) })
  return review(request, { view: snapshot(objects), judge, settings: defaultConfig }).denials
}

interface Refused {
  readonly objects: Objects
  readonly change: Change
}

/** The world and the change after each way that a fix offers: the edit of what is sent, or the first command. */
function waysOf(finding: Finding, { objects, change }: Refused): readonly Refused[] {
  const [block] = blocksOf(`error\n${denialMessage([finding])}`)
  const { after } = change
  const edits = editsIn(block!)
  const isOwn =
    block!.object === keyOf(changedRef(change)) || block!.fix[0]!.includes(keyOf(changedRef(change)))
  const [command] = commandsIn(block!)
  return [
    ...(after !== undefined && isOwn && edits.length > 0
      ? [{ objects, change: { ...change, after: edits.toReversed().reduce(edited, after) } }]
      : []),
    ...(command === undefined ? [] : [{ objects: commanded(objects, command), change }]),
  ]
}

function check(finding: Finding, refused: Refused): number {
  const before = denialsOf(refused.objects, refused.change)
  const ways = needsWorkload(finding) ? [] : waysOf(finding, refused)
  for (const { objects, change } of ways) {
    const after = denialsOf(objects, change)
    const text = `${finding.message}\n${finding.fix}`
    assert.ok(countOf(finding, after) < countOf(finding, before), `stays: ${text}`)
    // Without a VirtualService or its route, another one that was behind it may break as well.
    const onSame = after.filter(({ ref }) => keyOf(ref) === keyOf(finding.ref))
    assert.deepEqual(brought(finding, before, onSame), [], text)
  }
  return ways.length
}

describe('what a denial offers, followed to the letter, removes the denial and brings no other', () => {
  for (const operation of ['updates', 'creates', 'deletes'])
    it(`of a request that ${operation}`, () => {
      let followed = 0
      fc.assert(
        fc.property(world, drawn => {
          const all = accepted(drawn)
          for (const { change, title } of breaksOf(all)) {
            const { before, after } = change
            const is = before === undefined ? 'creates' : after === undefined ? 'deletes' : 'updates'
            if (is !== operation) continue
            const objects = before === undefined ? without(all, change) : all
            for (const finding of denialsOf(objects, change)) {
              try {
                followed += check(finding, { objects, change })
              } catch (error) {
                throw new Error(`${title}: ${(error as Error).message}`, { cause: error })
              }
            }
          }
        }),
        { numRuns: operation === 'updates' ? 10 : 25 },
      )
      assert.ok(followed > (operation === 'updates' ? 100 : 5), String(followed))
    })
})
