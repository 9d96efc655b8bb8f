import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { type GuardConfig } from '../../../webhook/config/config.ts'
import type { Bypass } from '../../../webhook/review/bypass.ts'
import { type Verdict } from '../../../webhook/review/review.ts'
import { judgedAmong } from '../judged.ts'
import { plantedJudge } from '../planted-rules.ts'
import {
  destinationRule,
  namespaceObject,
  service,
  virtualService,
  workload,
  type ReviewInput,
} from '../requests.ts'

const cluster = (...objects: readonly KubeObject[]): readonly KubeObject[] => [
  namespaceObject(),
  service(),
  ...objects,
]

const judged = judgedAmong([], plantedJudge)
const denied = ({ denials }: Verdict): readonly string[] => denials.map(({ rule }) => rule)
const warned = ({ warnings }: Verdict): readonly string[] => warnings.map(({ rule }) => rule)

const good = virtualService({ v1: 90, v2: 10 })
const bad = virtualService({ v1: 90, v2: 20 })
const defined = destinationRule(['v1', 'v2'])

describe('a review', () => {
  it('admits a change that breaks nothing', () => {
    const verdict = judged({ after: good }, cluster(defined))
    assert.deepEqual([denied(verdict), warned(verdict)], [[], []])
  })
  it('denies an object that breaks a rule, and does not also warn of it', () => {
    const verdict = judged({ after: bad }, cluster(defined))
    assert.deepEqual([denied(verdict), warned(verdict)], [['weights-sum-to-100'], []])
  })
  it('denies dropping a subset that a route still uses, with the finding on the route', () => {
    const { denials } = judged({ before: defined, after: destinationRule(['v1']) }, cluster(defined, good))
    assert.deepEqual(
      denials.map(({ rule, ref }) => [rule, ref.kind, ref.name]),
      [['undefined-subset', 'VirtualService', 'catalog']],
    )
  })
  it('denies deleting a DestinationRule that a route needs', () => {
    assert.deepEqual(denied(judged({ before: defined }, cluster(defined, good))), [
      'undefined-subset',
      'undefined-subset',
    ])
  })
  it('judges the objects in the request, not those in the cache', () => {
    assert.deepEqual(denied(judged({ before: good, after: bad }, cluster(defined, bad))), [
      'weights-sum-to-100',
    ])
  })
  for (const version of ['v1alpha3', 'v1beta1', 'v1']) {
    it(`judges ${version} of the Istio API`, () => {
      assert.deepEqual(
        denied(judged({ after: { ...bad, apiVersion: `networking.istio.io/${version}` } }, cluster(defined))),
        ['weights-sum-to-100'],
      )
    })
  }
})

describe('a warning', () => {
  it('reports an existing problem', () => {
    const verdict = judged(
      { before: bad, after: virtualService({ v1: 90, v2: 20 }, { labels: { team: 'a' } }) },
      cluster(defined, bad),
    )
    assert.deepEqual([denied(verdict), warned(verdict)], [[], ['weights-sum-to-100']])
  })
  it('leaves out an existing problem in another namespace that does not depend on the change', () => {
    const [there, alias] = [
      { namespace: 'elsewhere' },
      { type: 'ExternalName', externalName: 'nowhere.example.com', ports: [{ name: 'http', port: 80 }] },
    ]
    const far = [
      namespaceObject({ name: 'elsewhere' }),
      { ...service(there), spec: alias },
      virtualService({ v1: 90, v2: 20 }, there),
    ]
    const changed = { before: service(), after: service({ labels: { team: 'a' } }) }
    assert.deepEqual(warned(judged(changed, cluster(defined, ...far))), [])
    assert.deepEqual(warned(judged(changed, cluster(defined, bad, ...far))), ['weights-sum-to-100'])
  })
  it('reports a finding of severity warning', () =>
    assert.deepEqual(warned(judged({ after: virtualService({ v1: 90 }) }, cluster(defined))), [
      'ineffective-weight',
    ]))
  it('reports a reference to a host that does not exist', () => {
    const verdict = judged({ after: good }, [namespaceObject(), defined])
    assert.deepEqual([denied(verdict), warned(verdict)], [[], ['unknown-host', 'unknown-host']])
  })
  it('is a denial if the configuration says so', () => {
    const verdict = judged({ after: good }, [namespaceObject(), defined], {
      absent: { subset: 'deny', host: 'deny', workload: 'deny' },
    })
    assert.deepEqual(denied(verdict), ['unknown-host', 'unknown-host'])
  })
  it('comes first if it is the most severe', () => {
    const verdict = judged({ after: virtualService({ v9: 90 }), dryRun: true }, cluster())
    assert.deepEqual(warned(verdict), ['undefined-subset', 'ineffective-weight'])
  })
})

describe('a dry run', () => {
  it('warns of every finding about something absent', () => {
    const verdict = judged({ after: good, dryRun: true }, cluster())
    assert.deepEqual([denied(verdict), warned(verdict)], [[], ['undefined-subset', 'undefined-subset']])
  })
  it('denies other findings', () => {
    assert.deepEqual(denied(judged({ after: bad, dryRun: true }, cluster(defined))), ['weights-sum-to-100'])
  })
})

const judgedByAll = judgedAmong(cluster(defined, good, workload('v1')))
const workloadVerdict = (input: ReviewInput, settings: Partial<GuardConfig> = {}): Verdict =>
  judgedByAll(input, [workload('v2')], settings)

describe('the removal of a workload', () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet']) {
    it(`is only a warning when a ${kind} is deleted`, () => {
      const before = workload('v2', { kind })
      const verdict = judgedByAll({ before }, [before])
      assert.deepEqual([denied(verdict), warned(verdict)], [[], ['subset-matches-no-workload']])
    })
  }
  it('is only a warning when it is scaled to zero', () => {
    const verdict = workloadVerdict({ before: workload('v2'), after: workload('v2', { replicas: 0 }) })
    assert.deepEqual([denied(verdict), warned(verdict)], [[], ['subset-matches-no-workload']])
  })
  it('is not denied even with the strictest rules', () => {
    const strict: Partial<GuardConfig> = { rules: { 'subset-matches-no-workload': 'deny' } }
    const takenDown = { before: workload('v2'), after: workload('v2', { replicas: 0 }) }
    assert.deepEqual(
      [
        denied(workloadVerdict({ before: workload('v2') }, strict)),
        denied(workloadVerdict(takenDown, strict)),
      ],
      [[], []],
    )
    const relabelled = {
      before: workload('v2'),
      after: workload('v2', { replicas: 2, labels: { app: 'catalog', version: 'v3' } }),
    }
    assert.deepEqual(denied(workloadVerdict(relabelled, strict)), ['subset-matches-no-workload'])
  })
  it('is not reported if the rule is off', () => {
    assert.deepEqual(
      workloadVerdict({ before: workload('v2') }, { rules: { 'subset-matches-no-workload': 'off' } })
        .warnings,
      [],
    )
  })
  it('is denied if the workload only loses its label', () => {
    assert.deepEqual(
      denied(
        workloadVerdict({ before: workload('v2'), after: workload('v2', { labels: { app: 'catalog' } }) }),
      ),
      ['missing-version-label', 'subset-matches-no-workload'],
    )
  })
})

describe('the mode of a rule', () => {
  it('warn makes a denial a warning', () => {
    const verdict = judged({ after: bad }, cluster(defined), { rules: { 'weights-sum-to-100': 'warn' } })
    assert.deepEqual([denied(verdict), warned(verdict)], [[], ['weights-sum-to-100']])
  })
  it('off reports nothing, no existing problem either', () => {
    const rules = { 'weights-sum-to-100': 'off' } as const
    assert.deepEqual(judged({ after: bad }, cluster(defined), { rules }).warnings, [])
    assert.deepEqual(judged({ before: bad, after: bad }, cluster(defined), { rules }).warnings, [])
  })
  it('deny makes a warning a denial', () => {
    assert.deepEqual(
      denied(
        judged({ after: virtualService({ v1: 90 }) }, cluster(defined), {
          rules: { 'ineffective-weight': 'deny' },
        }),
      ),
      ['ineffective-weight'],
    )
  })
})

const terminating = namespaceObject({ deletionTimestamp: '2026-01-01T00:00:00Z' })
const leaving = virtualService({ v1: 90, v2: 20 }, { deletionTimestamp: '2026-01-01T00:00:00Z' })
const collector = 'system:serviceaccount:kube-system:generic-garbage-collector'
const namespaceController = 'system:serviceaccount:kube-system:namespace-controller'
const foreign: KubeObject = {
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'x', namespace: 'shop' },
}
/** Why a request passes, the request, and the cluster. */
const passing: Readonly<Record<string, readonly [Bypass, ReviewInput, readonly KubeObject[]]>> = {
  'an update of an object that is being deleted': [
    'being-deleted',
    { before: good, after: leaving },
    cluster(defined),
  ],
  'deletions by the garbage collector': [
    'controller',
    { before: defined, user: collector },
    cluster(defined, good),
  ],
  'deletions by the namespace controller': [
    'controller',
    { before: defined, user: namespaceController },
    cluster(defined, good),
  ],
  'everything in a namespace that is being terminated': [
    'namespace-terminating',
    { before: defined },
    [terminating, service(), defined, good],
  ],
  'everything in a namespace that has opted out': [
    'namespace-opted-out',
    { after: bad },
    [namespaceObject({ labels: { 'kubectl-canary/guard': 'disabled' } }), defined],
  ],
  'users that the configuration exempts': ['exempt-user', { after: bad, user: 'robot' }, cluster(defined)],
  'kinds of other APIs': ['not-applicable', { after: foreign }, cluster()],
  subresources: [
    'not-applicable',
    { before: good, after: bad, fields: { subResource: 'status' } },
    cluster(defined),
  ],
}

describe('a request bypasses the rules', () => {
  for (const [title, [bypass, asked, objects]] of Object.entries(passing)) {
    it(title, () => {
      const verdict = judged(asked, objects, { exemptUsers: ['robot'] })
      assert.equal(verdict.bypass, bypass)
      assert.deepEqual([denied(verdict), warned(verdict)], [[], []])
    })
  }
})

const exempt = (text: string): object => ({ annotations: { 'kubectl-canary/exempt': text } })

describe('objects with an exemption', () => {
  it('are exempt from the rule that the annotation names, and the reason is kept', () => {
    const verdict = judged(
      { after: virtualService({ v1: 90, v2: 20 }, exempt('weights-sum-to-100: load test until Friday')) },
      cluster(defined),
    )
    assert.deepEqual([denied(verdict), warned(verdict)], [[], []])
    assert.deepEqual(
      verdict.exempted.map(({ finding, reason }) => [finding.rule, reason]),
      [['weights-sum-to-100', 'load test until Friday']],
    )
  })
  it('are not exempt from other rules, nor without a reason', () => {
    for (const text of ['undefined-subset: because', 'weights-sum-to-100', 'weights-sum-to-100: ']) {
      assert.deepEqual(
        denied(judged({ after: virtualService({ v1: 90, v2: 20 }, exempt(text)) }, cluster(defined))),
        ['weights-sum-to-100'],
        text,
      )
    }
  })
  it('are exempt by their annotations after the change, not before', () => {
    const before = virtualService({ v1: 90, v2: 10 }, exempt('weights-sum-to-100: until Friday'))
    assert.deepEqual(denied(judged({ before, after: bad }, cluster(defined, before))), ['weights-sum-to-100'])
  })
  it('excuse no finding on another object: what others need may not be deleted', () => {
    const before = destinationRule(['v1', 'v2'], exempt('undefined-subset: the routes go next'))
    assert.deepEqual(
      new Set(denied(judged({ before }, cluster(before, good)))),
      new Set(['undefined-subset']),
    )
  })
  it('excuse their own findings, also those that come of changes of other objects', () => {
    const route = virtualService(
      { v1: 90, v2: 10 },
      exempt('undefined-subset: the rule moves to another namespace'),
    )
    assert.deepEqual(denied(judged({ before: defined }, cluster(defined, route))), [])
  })
})

describe('exemptions without effect', () => {
  it('are reported as warnings', () => {
    for (const text of ['undefined-subset', 'no-such-rule: because'])
      assert.deepEqual(
        warned(judged({ after: virtualService({ v1: 90, v2: 10 }, exempt(text)) }, cluster(defined))),
        ['invalid-exemption'],
        text,
      )
  })
  it('follow the configuration, and are denied only if they are new', () => {
    const useless = virtualService({ v1: 90, v2: 10 }, exempt('undefined-subset'))
    const rules = (mode: 'deny' | 'off') => ({ rules: { 'invalid-exemption': mode } })
    assert.deepEqual(warned(judged({ after: useless }, cluster(defined), rules('off'))), [])
    assert.deepEqual(denied(judged({ after: useless }, cluster(defined), rules('deny'))), [
      'invalid-exemption',
    ])
    const again = judged({ before: useless, after: useless }, cluster(defined), rules('deny'))
    assert.deepEqual([denied(again), warned(again)], [[], ['invalid-exemption']])
  })
})

describe('routes that are being deleted', () => {
  it('block nothing', () => {
    const leaving = virtualService({ v1: 90, v2: 10 }, { deletionTimestamp: '2026-01-01T00:00:00Z' })
    assert.deepEqual(denied(judged({ before: defined }, cluster(defined, leaving))), [])
  })
  it('hinder nobody in other namespaces', () => {
    const route = { destination: { host: 'catalog.shop.svc.cluster.local', subset: 'v1' } }
    const elsewhere = {
      ...good,
      metadata: { name: 'catalog', namespace: 'old' },
      spec: { hosts: ['catalog'], http: [{ route: [route] }] },
    } as KubeObject
    const of = (metadata: object): readonly string[] =>
      denied(
        judged(
          { before: defined },
          cluster(defined, elsewhere, namespaceObject({ name: 'old', ...metadata })),
          { crossNamespace: { deny: ['old'] } },
        ),
      )
    assert.deepEqual([of({}), of({ deletionTimestamp: '2026-01-01T00:00:00Z' })], [['undefined-subset'], []])
  })
})
