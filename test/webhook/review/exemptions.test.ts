import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { exemptAnnotation } from '../../../shared/rules/exemptions.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { answerOf } from '../../../webhook/admission/response.ts'
import { defaultConfig, type GuardConfig } from '../../../webhook/config/config.ts'
import { review, type Verdict } from '../../../webhook/review/review.ts'
import { fc } from '../../properties.ts'
import { judgedAmong } from '../judged.ts'
import { plantedJudge } from '../planted-rules.ts'
import {
  destinationRule,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  workload,
  type ReviewInput,
} from '../requests.ts'

type Exemptions = GuardConfig['exemptions']

const exempt = (text: string): object => ({ annotations: { [exemptAnnotation]: text } })
const reasoned = 'weights-sum-to-100: load test until Friday'
const wrong = { v1: 90, v2: 20 }
const defined = destinationRule(['v1', 'v2'])

const judgedByPlanted = judgedAmong([namespaceObject(), service(), defined], plantedJudge)
const judged = (
  input: ReviewInput,
  exemptions: Partial<Exemptions>,
  objects: readonly KubeObject[] = [],
): Verdict => judgedByPlanted(input, objects, { exemptions: { ...defaultConfig.exemptions, ...exemptions } })
const denied = ({ denials }: Verdict): readonly string[] => denials.map(({ rule }) => rule)
const asGroup = (...groups: string[]): object => ({ userInfo: { username: 'jane', groups } })

/** Who may exempt, and whether jane of the group `people` is one of them. */
const allowing: readonly (readonly [Exemptions['allowed'], boolean])[] = [
  ['anyone', true],
  ['nobody', false],
  [{}, false],
  [{ users: ['jane'] }, true],
  [{ users: ['joe'] }, false],
  [{ groups: ['people'] }, true],
  [{ users: ['joe'], groups: ['people'] }, true],
  [{ groups: ['platform'] }, false],
  [{ users: ['people'], groups: ['jane'] }, false],
]

for (const [allowed, isAllowed] of allowing) {
  const who = JSON.stringify(allowed)
  it(`an exemption is ${isAllowed ? 'taken from' : 'refused to'} jane of the people, where ${who} may exempt`, () => {
    const after = virtualService(wrong, exempt(reasoned))
    const verdict = judged({ after }, { allowed })
    assert.deepEqual(denied(verdict), isAllowed ? [] : ['invalid-exemption', 'weights-sum-to-100'])
    assert.deepEqual(
      denied(
        judged(
          { before: virtualService({ v1: 100 }), after: virtualService({ v1: 100 }, exempt(reasoned)) },
          { allowed },
        ),
      ),
      isAllowed ? [] : ['invalid-exemption'],
    )
  })
}
it('an exemption that stands stays valid, whoever writes the object next', () => {
  const before = virtualService({ v1: 90, v2: 10 }, exempt(reasoned))
  const after = virtualService(wrong, exempt(reasoned))
  const verdict = judged({ before, after }, { allowed: 'nobody' }, [before])
  assert.deepEqual(denied(verdict), [])
  assert.deepEqual(
    verdict.exempted.map(({ reason }) => reason),
    ['load test until Friday'],
  )
})
it('an exemption that stands may be removed or laid out otherwise by anybody', () => {
  const before = virtualService({ v1: 100 }, exempt(`${reasoned}; unknown-host: later`))
  for (const text of ['', reasoned, `unknown-host: later\n\n ${reasoned} ;`])
    assert.deepEqual(
      denied(judged({ before, after: virtualService({ v1: 100 }, exempt(text)) }, { allowed: 'nobody' })),
      [],
      text,
    )
})
it('an exemption may be given another reason only by those who may exempt', () => {
  const before = virtualService({ v1: 100 }, exempt(reasoned))
  const after = virtualService({ v1: 100 }, exempt('weights-sum-to-100: the boss said so'))
  assert.deepEqual(denied(judged({ before, after }, { allowed: 'nobody' })), ['invalid-exemption'])
  assert.deepEqual(
    denied(judged({ before, after, fields: asGroup('platform') }, { allowed: { groups: ['platform'] } })),
    [],
  )
})
it('an exemption is refused whatever mode its rule has, in a dry run, through a subresource, and exempts not itself', () => {
  const text = `${reasoned}; invalid-exemption: so that this one counts`
  const input = { before: virtualService({ v1: 100 }), after: virtualService({ v1: 100 }, exempt(text)) }
  const settings = { rules: { 'invalid-exemption': 'off' as const } }
  for (const fields of [{}, { dryRun: true }, { subResource: 'status' }]) {
    const exemptions: Exemptions = { allowed: 'nobody', never: [] }
    const verdict = judgedByPlanted({ ...input, fields }, [], { ...settings, exemptions })
    assert.deepEqual(denied(verdict), ['invalid-exemption'], JSON.stringify(fields))
  }
})
it('an exemption is not judged by what a user pretends to be: groups that are no list of texts give no right', () => {
  for (const groups of [undefined, null, 'platform', { 0: 'platform' }, [['platform']]])
    assert.deepEqual(
      denied(
        judged(
          {
            after: virtualService({ v1: 100 }, exempt(reasoned)),
            fields: { userInfo: { username: 'jane', groups } },
          },
          { allowed: { groups: ['platform'] } },
        ),
      ),
      ['invalid-exemption'],
      JSON.stringify(groups),
    )
})
it('an exemption from a rule of exemptions.never has no effect, whoever wrote it, and the writer is told', () => {
  const verdict = judged(
    { after: virtualService(wrong, exempt(reasoned)) },
    { never: ['weights-sum-to-100'] },
  )
  assert.deepEqual(denied(verdict), ['weights-sum-to-100'])
  assert.deepEqual(
    verdict.warnings.map(({ rule }) => rule),
    ['invalid-exemption'],
  )
})
it('an exemption on a kind that is not reviewed counts only where anyone may exempt', () => {
  const judge = {
    ...plantedJudge,
    rules: [
      ...plantedJudge.rules,
      {
        id: 'missing-version-label',
        severity: { webhook: 'error', lint: 'error' },
        summary: '',
        fix: '',
        subject: 'Deployment',
        reads: [],
        *check() {
          yield { path: [], message: 'wrong', about: '' }
        },
      } as const,
    ],
  }
  const exempted = (kind: string, allowed: Exemptions['allowed']): number => {
    const object = { ...workload('v2', { kind }), metadata: { name: 'x', namespace: 'shop' } } as KubeObject
    const with_ = { ...object, metadata: { ...object.metadata, ...exempt('missing-version-label: x') } }
    return review(requestFor({ before: with_, after: with_ }), {
      view: snapshot([namespaceObject(), with_]),
      judge: { ...judge, rules: judge.rules.map(rule => ({ ...rule, subject: kind }) as never) },
      settings: { ...defaultConfig, exemptions: { allowed, never: [] } },
    }).exempted.length
  }
  assert.ok(exempted('ReplicaSet', 'anyone') > 0)
  assert.equal(exempted('ReplicaSet', 'nobody'), 0)
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet']) assert.ok(exempted(kind, 'nobody') > 0, kind)
})
it('an exemption excuses nothing but what stands on its own object, whatever is exempt', () =>
  fc.assert(
    fc.property(fc.subarray(['undefined-subset', 'weights-sum-to-100', 'unknown-host']), rules => {
      const text = rules.map(rule => `${rule}: why`).join('\n')
      const route = virtualService({ v1: 90, v2: 10 })
      const drop = (metadata: object): readonly string[] =>
        denied(
          judged(
            { before: destinationRule(['v1', 'v2'], metadata), after: destinationRule(['v1'], metadata) },
            {},
            [route],
          ),
        )
      assert.deepEqual(drop(exempt(text)), drop({}))
      assert.ok(drop({}).length > 0)
    }),
  ))

describe('the label that opts a namespace out', () => {
  const label = (value?: string): KubeObject =>
    namespaceObject(value === undefined ? {} : { labels: { 'kubectl-canary/guard': value } })
  const changes: Readonly<Record<string, readonly [ReviewInput, boolean]>> = {
    'a new namespace with it': [{ after: label('disabled') }, true],
    'a namespace that gets it': [{ before: label(), after: label('disabled') }, true],
    'a namespace that gets it by another value': [{ before: label('on'), after: label('disabled') }, true],
    'its subresource': [
      { before: label(), after: label('disabled'), fields: { subResource: 'finalize' } },
      true,
    ],
    'a namespace that has it': [{ before: label('disabled'), after: label('disabled') }, false],
    'a namespace that loses it': [{ before: label('disabled'), after: label() }, false],
    'a namespace with another value': [{ before: label(), after: label('on') }, false],
  }
  for (const [what, [input, isOptOut]] of Object.entries(changes)) {
    it(`is ${isOptOut ? 'judged by who writes it' : 'free to everybody'}: ${what}`, () => {
      for (const [allowed, isAllowed] of allowing) {
        const verdict = judged(input, { allowed }, [])
        assert.deepEqual(
          denied(verdict),
          isOptOut && !isAllowed ? ['invalid-exemption'] : [],
          JSON.stringify(allowed),
        )
      }
    })
  }
  it('is judged by the object, also where the cache says that the namespace has opted out', () => {
    const verdict = review(requestFor({ before: label(), after: label('disabled') }), {
      view: snapshot([label('disabled')]),
      judge: plantedJudge,
      settings: { ...defaultConfig, exemptions: { allowed: 'nobody', never: [] } },
    })
    assert.deepEqual(denied(verdict), ['invalid-exemption'])
  })
  it('is told to who writes it, as an exemption that takes effect', () => {
    const verdict = judged({ before: label(), after: label('disabled') }, {})
    assert.deepEqual(
      verdict.exempted.map(({ finding }) => finding.rule),
      ['namespace-opt-out'],
    )
  })
})

it('who writes is warned of an exemption that lets the change pass, and of no other', () => {
  const warnings = (after: KubeObject, before?: KubeObject): readonly string[] =>
    answerOf(
      { uid: 'x', apiVersion: 'admission.k8s.io/v1' },
      judged({ after, ...(before && { before }) }, {}),
    ).response.warnings ?? []
  const exempted = virtualService(wrong, exempt(reasoned))
  const [warning = ''] = warnings(exempted)
  assert.match(
    warning,
    /^weights-sum-to-100: exempt \(load test until Friday\): .* \(VirtualService shop\/catalog\)$/,
  )
  assert.deepEqual(warnings(virtualService({ v1: 90, v2: 10 }, exempt(reasoned))), [])
  assert.deepEqual(warnings(exempted, exempted), [])
})
