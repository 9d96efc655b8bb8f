import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { review, type Verdict } from '../../../webhook/review/review.ts'
import { catalogueJudge } from '../judged.ts'
import {
  destinationRule,
  namespace,
  namespaceObject,
  requestFor,
  service,
  virtualService,
  workload,
  type ReviewInput,
} from '../requests.ts'

/** How a tool marks what is its own, and the field manager it writes by. */
interface Tool {
  readonly manager: string
  readonly mark: (owner: string) => object
}
const tools: Readonly<Record<string, Tool>> = {
  Helm: {
    manager: 'helm',
    mark: owner => ({
      annotations: { 'meta.helm.sh/release-name': owner, 'meta.helm.sh/release-namespace': namespace },
    }),
  },
  "Flux's Helm": {
    manager: 'helm-controller',
    mark: owner => ({
      annotations: { 'meta.helm.sh/release-name': owner, 'meta.helm.sh/release-namespace': namespace },
    }),
  },
  Flux: {
    manager: 'kustomize-controller',
    mark: owner => ({
      labels: {
        'kustomize.toolkit.fluxcd.io/name': owner,
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
    }),
  },
  'Argo CD by annotation': {
    manager: 'argocd-controller',
    // The part after the application differs from object to object.
    mark: owner => ({
      annotations: { 'argocd.argoproj.io/tracking-id': `${owner}:x/y:z/${Math.random()}` },
    }),
  },
  'Argo CD by label': {
    manager: 'argocd-controller',
    mark: owner => ({ labels: { 'app.kubernetes.io/instance': owner } }),
  },
}

const marked = (object: KubeObject, metadata: object): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
})
const templated = (version: string, labels: object): KubeObject => workload(version, { labels })
const movedPort = {
  ...service(),
  spec: { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 8080 }] },
} as KubeObject
/** A route that names the port of the Service. */
const routeTo = (port: number): KubeObject =>
  ({
    ...virtualService({}),
    spec: {
      hosts: ['catalog'],
      http: [
        {
          route: ['v1', 'v2'].map(subset => ({
            destination: { host: 'catalog', subset, port: { number: port } },
            weight: 50,
          })),
        },
      ],
    },
  }) as KubeObject

interface Judged extends ReviewInput {
  readonly manager?: string
  readonly objects?: readonly KubeObject[]
}
const judged = ({ manager, objects = [], ...input }: Judged): Verdict => {
  const options = manager === undefined ? {} : { fields: { options: { fieldManager: manager } } }
  return review(requestFor({ ...input, ...options }), {
    view: snapshot([namespaceObject(), ...objects]),
    judge: catalogueJudge,
    settings: defaultConfig,
  })
}
const denied = ({ denials }: Verdict): readonly string[] => [...new Set(denials.map(({ rule }) => rule))]
const deferred = (verdict: Verdict): readonly string[] => [
  ...new Set((verdict.deferred ?? []).map(({ rule }) => rule)),
]

/** A world of one owner: every object of it carries the mark. */
const worldOf = (mark: object): readonly KubeObject[] =>
  [service(), workload('v1'), workload('v2'), destinationRule(['v1', 'v2']), routeTo(80)].map(object =>
    marked(object, mark),
  )

const removals: readonly (readonly [string, KubeObject, KubeObject, readonly string[]])[] = [
  ['drops a subset', destinationRule(['v1', 'v2']), destinationRule(['v1']), ['undefined-subset']],
  ['moves a port', service(), movedPort, ['unknown-port']],
  [
    'replaces a version in place',
    workload('v2'),
    templated('v2', { app: 'catalog', version: 'v3' }),
    ['subset-matches-no-workload'],
  ],
  [
    'renames the key of the version label',
    workload('v2'),
    templated('v2', { app: 'catalog', ver: 'v2' }),
    ['missing-version-label', 'subset-matches-no-workload'],
  ],
  [
    'renames the key of the selector',
    service(),
    {
      ...service(),
      spec: { selector: { name: 'catalog' }, ports: [{ name: 'http', port: 80 }] },
    } as KubeObject,
    ['subset-matches-no-workload'],
  ],
]

const faults: readonly (readonly [string, string, ReviewInput])[] = [
  ['weights', 'weights-sum-to-100', { before: routeTo(80), after: virtualService({ v1: 90, v2: 20 }) }],
  ['an undefined subset', 'undefined-subset', { before: routeTo(80), after: virtualService({ v9: 100 }) }],
  ['a port that is not there', 'unknown-port', { before: routeTo(80), after: routeTo(81) }],
  [
    'a port without a protocol',
    'unnamed-port',
    {
      before: service(),
      after: {
        ...service(),
        spec: { selector: { app: 'catalog' }, ports: [{ name: 'x', port: 80 }] },
      } as KubeObject,
    },
  ],
  [
    'a workload that never had the label',
    'missing-version-label',
    { after: workload('v3', { labels: { app: 'catalog' } }) },
  ],
  [
    // It looks like one whose key is renamed; only the release knows.
    'a new workload that has another key',
    'missing-version-label',
    { after: workload('v3', { labels: { app: 'catalog', ver: 'v3' } }) },
  ],
  [
    'a workload that never had the label, and is edited',
    'missing-version-label',
    {
      before: workload('v3', { labels: { app: 'other' } }),
      after: workload('v3', { labels: { app: 'catalog' } }),
    },
  ],
  [
    'a subset with labels that no workload has',
    'subset-matches-no-workload',
    {
      before: destinationRule(['v1', 'v2']),
      after: {
        ...destinationRule([]),
        spec: {
          host: 'catalog',
          subsets: [
            { name: 'v1', labels: { version: 'v1' } },
            { name: 'v2', labels: { version: 'v9' } },
          ],
        },
      } as KubeObject,
    },
  ],
]

for (const [name, { manager, mark }] of Object.entries(tools)) {
  describe(`${name}, which applies one object of a release after the other`, () => {
    for (const [does, before, after, rules] of removals) {
      const change = { before: marked(before, mark('shop')), after: marked(after, mark('shop')) }
      it(`is only warned, for a later look, where it ${does}`, () => {
        const verdict = judged({ ...change, manager, objects: worldOf(mark('shop')) })
        assert.deepEqual([denied(verdict), [...deferred(verdict)].toSorted()], [[], rules])
        assert.ok(verdict.warnings.length >= rules.length)
      })
      it(`is refused where it ${does} and the route is of another owner, or of nobody`, () => {
        for (const others of [mark('other'), {}]) {
          const verdict = judged({ ...change, manager, objects: worldOf(others) })
          assert.ok(denied(verdict).length > 0)
          assert.deepEqual(deferred(verdict), [])
        }
      })
      it(`leaves a person refused who ${does}`, () => {
        for (const person of ['kubectl-edit', 'kubectl-client-side-apply', 'Helm', ''])
          assert.ok(denied(judged({ ...change, manager: person, objects: worldOf(mark('shop')) })).length > 0)
      })
      it(`is refused where it ${does} and the object only now becomes its own`, () => {
        const adopted = { before: marked(before, mark('other')), after: change.after }
        assert.ok(denied(judged({ ...adopted, manager, objects: worldOf(mark('shop')) })).length > 0)
      })
    }

    const objects = worldOf(mark('shop'))
    for (const [what, rule, { before, after }] of faults) {
      it(`is refused for ${what}`, () => {
        const change = {
          ...(before === undefined ? {} : { before: marked(before, mark('shop')) }),
          after: marked(after!, mark('shop')),
        }
        assert.deepEqual(denied(judged({ ...change, manager, objects })), [rule])
      })
    }
  })
}

describe('a deletion', () => {
  const { mark, manager } = tools['Flux']!
  const objects = worldOf(mark('shop'))
  const before = (fieldManager: string, owner = 'shop'): KubeObject =>
    marked(destinationRule(['v1', 'v2']), {
      ...mark(owner),
      managedFields: [{ manager: fieldManager, operation: 'Apply' }],
    })
  it('of what a tool has applied is only warned of, whoever deletes it', () => {
    const verdict = judged({ before: before(manager), objects })
    assert.deepEqual([denied(verdict), deferred(verdict)], [[], ['subset-without-destination-rule']])
  })
  it('of what a person has applied, or what is of another owner, is refused', () => {
    for (const object of [before('kubectl'), before(manager, 'other')])
      assert.deepEqual(denied(judged({ before: object, objects })), ['subset-without-destination-rule'])
  })
})

describe('a dry run of a whole batch', () => {
  const { mark, manager } = tools['Flux']!
  const tcp = {
    ...service(),
    spec: { selector: { app: 'catalog' }, ports: [{ name: 'tcp-x', port: 80 }] },
  } as KubeObject
  const objects = [tcp, ...worldOf(mark('shop')).slice(1, 4)]
  it('only warns of what rests on other objects of the batch, and denies what does not', () => {
    const route = { after: marked(routeTo(80), mark('shop')), manager, objects }
    assert.deepEqual(denied(judged({ ...route, dryRun: true })), [])
    assert.deepEqual(denied(judged(route)), ['http-route-on-non-http-port'])
    assert.deepEqual(
      denied(judged({ after: virtualService({ v1: 90, v2: 20 }), manager, objects, dryRun: true })),
      ['weights-sum-to-100'],
    )
  })
  it('only warns of what a changed object breaks in others of the batch', () => {
    const change = {
      before: service(),
      after: tcp,
      objects: [service(), ...worldOf({}).slice(1, 4), routeTo(80)],
      dryRun: true,
    }
    assert.deepEqual(denied(judged({ ...change, manager })), [])
    assert.deepEqual(denied(judged(change)), ['http-route-on-non-http-port'])
  })
})

describe('a client that does not name its field manager', () => {
  const { mark } = tools['Argo CD by annotation']!
  const objects = worldOf(mark('shop'))
  const entry = (manager: string, time: string): object => ({ manager, operation: 'Update', time })
  const writtenBy = (...entries: readonly object[]): Verdict =>
    judged({
      before: marked(destinationRule(['v1', 'v2']), {
        ...mark('shop'),
        managedFields: [entry('argocd-application-controller', '1'), entry('dashboard', '2')],
      }),
      after: marked(destinationRule(['v1']), { ...mark('shop'), managedFields: entries }),
      objects,
    })

  it('is known by what the API server calls it in the new object', () => {
    const verdict = writtenBy(entry('dashboard', '2'), entry('argocd-application-controller', '3'))
    assert.deepEqual([denied(verdict), deferred(verdict)], [[], ['undefined-subset']])
  })
  it('is not taken for another one that has written the object before, nor where two may be it', () => {
    for (const entries of [
      [entry('argocd-application-controller', '1'), entry('dashboard', '3')],
      [entry('argocd-application-controller', '1'), entry('dashboard', '2')],
      [entry('argocd-application-controller', '3'), entry('dashboard', '3')],
    ])
      assert.deepEqual(denied(writtenBy(...entries)), ['undefined-subset'])
  })
})

describe('a program that has Helm as a library', () => {
  const { mark } = tools['Helm']!
  const objects = worldOf(mark('shop'))
  /** An object of which a manager has written the mark. */
  const marking = (manager: string, object: KubeObject): KubeObject =>
    marked(object, {
      ...mark('shop'),
      managedFields: [
        {
          manager,
          operation: 'Update',
          fieldsV1: { 'f:metadata': { 'f:annotations': { '.': {}, 'f:meta.helm.sh/release-name': {} } } },
        },
      ],
    })
  const change = (writer: string): Pick<Judged, 'before' | 'after' | 'objects'> => ({
    before: marking(writer, destinationRule(['v1', 'v2'])),
    after: marked(destinationRule(['v1']), mark('shop')),
    objects,
  })
  const deletion = (writer: string): Verdict => {
    const { before } = change(writer)
    return judged({ before: before!, objects })
  }

  it('is known by the mark that it has written', () => {
    const verdict = judged({ ...change('fleetagent'), manager: 'fleetagent' })
    assert.deepEqual([denied(verdict), deferred(verdict)], [[], ['undefined-subset']])
    assert.deepEqual(denied(deletion('fleetagent')), [])
  })
  it('is not anybody else who writes the object, nor a person who has adopted it by kubectl', () => {
    for (const [writer, manager] of [
      ['fleetagent', 'other'],
      ['fleetagent', ''],
      ['kubectl-annotate', 'kubectl-annotate'],
    ] as const)
      assert.deepEqual(denied(judged({ ...change(writer), manager })), ['undefined-subset'])
    assert.deepEqual(denied(deletion('kubectl-annotate')), ['subset-without-destination-rule'])
  })
})

describe('a controller that writes the objects of a custom resource one after the other', () => {
  const controlled = (name: string, isController = true): object => ({
    ownerReferences: [
      { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name, uid: name, controller: isController },
    ],
  })
  const user = 'system:serviceaccount:flagger-system:flagger'
  const objects = worldOf(controlled('shop'))
  const moving = {
    before: marked(service(), controlled('shop')),
    after: marked(movedPort, controlled('shop')),
  }

  it('is only warned, for a later look, of what its next writes put right', () => {
    for (const manager of [undefined, 'flagger']) {
      const verdict = judged({ ...moving, user, objects, ...(manager !== undefined && { manager }) })
      assert.deepEqual([denied(verdict), deferred(verdict)], [[], ['unknown-port']])
    }
    const deletion = judged({
      before: marked(destinationRule(['v1', 'v2']), controlled('shop')),
      user,
      objects,
    })
    assert.deepEqual([denied(deletion), deferred(deletion)], [[], ['subset-without-destination-rule']])
  })
  it('is refused if the route is of another resource, or of nobody', () => {
    for (const others of [controlled('other'), controlled('shop', false), {}])
      assert.deepEqual(denied(judged({ ...moving, user, objects: worldOf(others) })), ['unknown-port'])
  })
  it('leaves a person refused, and a script that runs kubectl', () => {
    assert.deepEqual(denied(judged({ ...moving, objects })), ['unknown-port'])
    assert.deepEqual(denied(judged({ ...moving, user, manager: 'kubectl-patch', objects })), ['unknown-port'])
  })
  it('is refused for what it sets itself', () => {
    const change = {
      before: marked(routeTo(80), controlled('shop')),
      after: marked(routeTo(81), controlled('shop')),
    }
    assert.deepEqual(denied(judged({ ...change, user, objects })), ['unknown-port'])
  })
})
