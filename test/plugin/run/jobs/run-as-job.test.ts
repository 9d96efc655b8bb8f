import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse, parseAllDocuments } from 'yaml'
import { openStore } from '../../../../plugin/open-store.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { catalogWorld, type CatalogWorld } from '../../history/catalog-world.ts'
import { statusInWords } from '../../print/status-in-words.ts'
import { Built, type Ended } from '../../program/built.ts'
import { runCommand, words } from '../../run-command.ts'
import { fastClock } from '../fast-clock.ts'
import { judgeServer } from '../judge-server.ts'
import { endJobs, jobSpec } from './ended-jobs.ts'
import type { Printed } from './printed.ts'

const folder = await mkdtemp(join(tmpdir(), 'canary-job-'))
const [policy, log] = [join(folder, 'policy.json'), join(folder, 'audit.log')]
const level = { level: 'Metadata', userGroups: ['system:serviceaccounts'] }
await writeFile(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [level] }))
const built = await Built.make()
after(async () => {
  built.remove()
  await rm(folder, { recursive: true, force: true })
})

const real = clusterTests({
  apiServerFlags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking'],
})

/** A Job that was printed and applied, and its container as a process of this machine. */
interface Applied {
  readonly world: CatalogWorld
  readonly objects: readonly Printed[]
  readonly user: string
  /** Starts what the container runs, with the token of its ServiceAccount; the Job is told by `uid`. */
  readonly start: (uid: string) => Promise<ReturnType<Built['start']>>
  readonly ended: (uid: string) => Promise<Ended>
}

/** A root namespace with the settings of a mesh. */
async function meshRoot(cluster: Cluster): Promise<string> {
  const root = await cluster.namespace()
  await cluster.apply(`{ apiVersion: v1, kind: ConfigMap, metadata: { name: istio }, data: { mesh: '' } }`, {
    namespace: root,
  })
  return root
}

/** Prints the Job of a run by a plan in a file, applies it, and reads it back. */
async function applied(
  cluster: Cluster,
  plan: object,
  {
    more = '',
    prepare,
  }: { readonly more?: string; readonly prepare?: (world: CatalogWorld) => Promise<void> } = {},
): Promise<Applied> {
  const world = await catalogWorld(cluster)
  await prepare?.(world)
  const { namespace } = world
  const root = await meshRoot(cluster)
  const files = await mkdtemp(join(folder, 'files-'))
  const file = join(files, 'given.yaml')
  await writeFile(file, JSON.stringify(plan))
  const line = `run catalog v2 -n ${namespace} --root-namespace ${root} --settle 100ms --plan ${file} ${more} --as-job --image r/canary-guard:1`
  const printed = await runCommand([...words(line), '--kubeconfig', cluster.kubeconfig], {
    store: openStore,
    clock: fastClock(),
  })
  assert.equal(printed.code, 0, printed.stderr)
  const objects = parseAllDocuments(printed.stdout).map(document => document.toJS() as Printed)
  const { code, stderr } = await cluster.kubectl(['apply', '--validate=strict', '-f', '-'], {
    stdin: printed.stdout,
  })
  assert.equal(code, 0, stderr)
  const name = 'kubectl-canary-run-catalog'
  const { status } = (await cluster.expect(`/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
    method: 'POST',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  })) as { readonly status: { readonly token: string } }
  const user = `system:serviceaccount:${namespace}:${name}`
  const kubeconfig = await cluster.kubeconfigFor({ name: user }, { token: status.token })
  const container = objects.at(-1)!.spec!.template.spec.containers[0]
  const mounted = container.volumeMounts[0]!.mountPath
  for (const [key, value] of Object.entries(objects.find(({ kind }) => kind === 'ConfigMap')!.data!))
    await writeFile(join(files, key), value)
  const argv = (uid: string): readonly string[] => [
    ...container.args.map(word => word.replace(`$(${container.env[0]!.name})`, uid).replace(mounted, files)),
    '--kubeconfig',
    kubeconfig,
  ]
  return {
    world,
    objects,
    user,
    start: async uid => built.start('kubectl-canary', argv(uid)),
    ended: uid => built.run('kubectl-canary', argv(uid)),
  }
}

interface AuditEvent {
  readonly verb: string
  readonly user: { readonly username: string }
  readonly objectRef?: {
    readonly apiGroup?: string
    readonly resource: string
    readonly name?: string
    readonly namespace?: string
  }
  readonly responseStatus?: { readonly code: number; readonly message?: string }
}

async function asked(user: string): Promise<readonly AuditEvent[]> {
  const lines = (await readFile(log, 'utf8')).trim().split('\n')
  return lines
    .map(line => JSON.parse(line) as AuditEvent)
    .filter(event => event.user.username === user && event.objectRef !== undefined)
}

/** Groups that this cluster does not have: who may not ask for them is told so like anybody. */
const unserved =
  /^(apisix\.apache\.org|apps\.(kruise|openshift)\.io|argoproj\.io|gateway\.networking\.k8s\.io)$/

/** What was refused. */
const lacked = (events: readonly AuditEvent[]): readonly (string | undefined)[] =>
  events
    .filter(({ objectRef }) => !unserved.test(objectRef!.apiGroup ?? ''))
    .filter(({ responseStatus }) => [401, 403].includes(responseStatus?.code ?? 0))
    .map(({ responseStatus }) => responseStatus!.message)

/** `list networking.istio.io/gateways` everywhere, `patch coordination.k8s.io/leases kubectl-canary.catalog in shop`. */
const granted = ({ rules = [], metadata }: Printed): readonly string[] =>
  rules.flatMap(rule =>
    rule.apiGroups.flatMap(group =>
      rule.resources.flatMap(resource =>
        rule.verbs.flatMap(verb =>
          (rule.resourceNames ?? ['']).map(name =>
            wordsOf({ verb, group, resource, name, namespace: metadata.namespace }),
          ),
        ),
      ),
    ),
  )

const wordsOf = (right: {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly name: string
  readonly namespace: string | undefined
}): string =>
  `${right.verb} ${right.group}/${right.resource} ${right.name} ${right.namespace === undefined ? 'everywhere' : `in ${right.namespace}`}`

/** A request is allowed by a right with its name and without one. */
const usedBy = ({ verb, objectRef }: AuditEvent): readonly string[] =>
  ['', objectRef!.name ?? ''].flatMap(name =>
    [objectRef!.namespace, undefined].map(namespace =>
      wordsOf({ verb, group: objectRef!.apiGroup ?? '', resource: objectRef!.resource, name, namespace }),
    ),
  )

const plan = (url: string, more: object = {}): object => ({
  steps: [10, 50],
  interval: '1s',
  threshold: 2,
  metrics: [{ name: 'smoke', webhook: `${url}/judge` }],
  ...more,
})

real(
  'the Job of a run promotes the version with its own rights, of which it uses all and lacks none',
  async cluster => {
    const judge = await judgeServer()
    try {
      const { world, objects, user, ended } = await applied(cluster, plan(judge.url), {
        more: '--history-limit 1',
      })
      // A run before, which is over: its Lease is taken away.
      const before = ['-n', world.namespace, '--kubeconfig', cluster.kubeconfig, '--metric', 'pod-failures']
      const earlier = await runCommand([...words('run catalog v2 --steps 50 --timeout 1s'), ...before], {
        store: openStore,
        clock: fastClock(),
      })
      assert.equal(earlier.code, 7, earlier.stderr)
      const { code, stdout, stderr } = await ended('first')
      assert.equal(code, 0, stdout + stderr)
      assert.match(statusInWords((await world.does('status catalog')).stdout), /everyone → v2/)

      const again = await ended('first')
      assert.deepEqual(
        [again.code, /was promoted/.test(again.stdout)],
        [0, true],
        again.stdout + again.stderr,
      )

      const events = await asked(user)
      assert.deepEqual(lacked(events), [])
      const used = new Set(events.flatMap(usedBy))
      // Taking back a change that a killed process has left, and clusters of more than 500 namespaces.
      const seldom = [`get apps/controllerrevisions  in ${world.namespace}`, 'get /namespaces  everywhere']
      assert.deepEqual(
        objects.flatMap(granted).filter(right => !used.has(right)),
        seldom,
      )
    } finally {
      judge.close()
    }
  },
)

real(
  'the Job of a run that was killed goes on where it stood, and its failed run is not begun again',
  async cluster => {
    const judge = await judgeServer((_, before) => (before < 1 ? 200 : 500))
    try {
      const { world, start, ended } = await applied(cluster, plan(judge.url))
      const child = await start('one')
      const stderr = text(child.stderr!)
      for await (const chunk of child.stdout!) if (String(chunk).includes('step 2')) break
      child.kill('SIGKILL')
      await once(child, 'close')
      const resumed = await ended('one')
      assert.equal(resumed.code, 5, resumed.stdout + resumed.stderr + (await stderr))
      assert.match(resumed.stdout, /step 2/)
      assert.match(statusInWords((await world.does('status catalog')).stdout), /everyone → v1/)
      const count = judge.received.length
      assert.equal((await ended('one')).code, 5)
      assert.equal(judge.received.length, count)
      // Another Job is another run.
      assert.equal((await ended('two')).code, 5)
      assert.ok(judge.received.length > count)
    } finally {
      judge.close()
    }
  },
)

real('the way back, the promotion and a cohort need no right that the Role lacks', async cluster => {
  for (const more of [{ steps: undefined, cohort: { header: ['x-beta=1'] }, iterations: 1 }, { mirror: 20 }])
    for (const passes of [true, false]) {
      const judge = await judgeServer(() => (passes ? 200 : 500))
      const { user, ended } = await applied(cluster, plan(judge.url, more))
      const { code, stdout, stderr } = await ended('one')
      judge.close()
      assert.equal(code, passes ? 0 : 5, stdout + stderr)
      assert.deepEqual(lacked(await asked(user)), [])
    }
})

real('the Job of a run whose metric is a Job may create such Jobs, and lacks nothing', async cluster => {
  const metrics = [{ name: 'smoke', job: { spec: jobSpec } }]
  const { world, user, ended } = await applied(cluster, plan('', { metrics }))
  let isOver = false
  const run = ended('one').finally(() => (isOver = true))
  while (!isOver) {
    await endJobs(cluster, world.namespace, 'Complete')
    await sleep(200)
  }
  const { code, stdout, stderr } = await run
  assert.equal(code, 0, stdout + stderr)
  assert.deepEqual(lacked(await asked(user)), [])
})

/** Takes the rules about a resource from the Role of a Job. */
async function withoutRight(cluster: Cluster, { world, objects }: Applied, resource: string): Promise<void> {
  const { rules = [], metadata } = objects.find(({ kind }) => kind === 'Role')!
  await cluster.expect(
    `/apis/rbac.authorization.k8s.io/v1/namespaces/${world.namespace}/roles/${metadata.name}`,
    {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { rules: rules.filter(({ resources }) => !resources.includes(resource)) },
    },
  )
}

real(
  'a right that is taken from the Role is named, and the run goes back or does not begin',
  async cluster => {
    const metrics = [{ name: 'smoke', job: { spec: jobSpec } }]
    const job = await applied(cluster, plan('', { metrics, dataDeadline: '1s' }))
    const { world, ended } = job
    for (const [resource, code, said] of [
      ['jobs', 1, /the Job of metric smoke would be refused: .*cannot create resource "jobs"/],
      ['leases', 1, /leases\.coordination\.k8s\.io/],
    ] as const) {
      await withoutRight(cluster, job, resource)
      const refused = await ended(resource)
      assert.equal(refused.code, code, refused.stdout + refused.stderr)
      assert.match(refused.stderr, said)
      assert.match(statusInWords((await world.does('status catalog')).stdout), /everyone → v1 100 %$/m)
    }
  },
)

real(
  'a right that is taken within a run ends it with what is refused, and where it stands',
  async cluster => {
    const judge = await judgeServer()
    const job = await applied(cluster, plan(judge.url, { interval: '3s', dataDeadline: '2s' }))
    const child = await job.start('one')
    const stderr = text(child.stderr!)
    const closed = once(child, 'close')
    child.stdout!.on('data', chunk => {
      if (String(chunk).includes('step 1 of 2')) void withoutRight(cluster, job, 'virtualservices')
    })
    const [code] = (await closed) as [number]
    judge.close()
    assert.equal(code, 1, await stderr)
    assert.match(
      await stderr,
      /^error: the run of v2 cannot continue at step 2 of 2: .*cannot patch resource "virtualservices"/m,
    )
    const [, abort] = /kubectl canary (abort \S+)/.exec(await stderr)!
    await job.world.does(abort!)
    assert.match(statusInWords((await job.world.does('status catalog')).stdout), /everyone → v1/)
  },
)

/** A route to the catalog in another namespace, at the gateway of its own. */
const routeAbroad = (namespace: string): string => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: abroad }
spec:
  hosts: [abroad.${namespace}.example.com]
  gateways: [${namespace}/public]
  http: [{ route: [{ destination: { host: catalog.${namespace}.svc.cluster.local, subset: v1 } }] }]
`

real(
  'a route in another namespace is written with rights there, and named where they are taken',
  async cluster => {
    const judge = await judgeServer()
    const abroad = await cluster.namespace()
    const prepare = ({ namespace }: CatalogWorld): Promise<void> =>
      cluster.apply(routeAbroad(namespace), { namespace: abroad }).then(() => undefined)
    const { world, objects, user, ended } = await applied(cluster, plan(judge.url, { dataDeadline: '1s' }), {
      prepare,
    })
    const there = objects.filter(({ metadata }) => metadata.namespace === abroad)
    assert.deepEqual(
      there.map(({ kind }) => kind),
      ['Role', 'RoleBinding'],
    )
    assert.equal((await ended('one')).code, 0)
    assert.deepEqual(lacked(await asked(user)), [])
    await world.does('undo catalog')
    await cluster.kubectl(['delete', 'rolebinding', there[1]!.metadata.name, '-n', abroad])
    const refused = await ended('two')
    judge.close()
    assert.equal(refused.code, 1, refused.stdout + refused.stderr)
    assert.match(refused.stderr, new RegExp(`^error: .*cannot .*${abroad}`, 'm'))
  },
)

real(
  'a Job cannot have what is of this machine or of a terminal, and nothing is printed that would be refused',
  async cluster => {
    const { namespace } = await catalogWorld(cluster)
    const run = (line: string) =>
      runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], { store: openStore })
    for (const [flags, said] of [
      ['--as-job', /--as-job needs --image/],
      ['--image i:1', /--image needs --as-job/],
      ['--as-job --image i:1 --confirm', /--confirm cannot be used with --as-job/],
      [
        '--as-job --image i:1 --prometheus http://p --prometheus-token-file t',
        /cannot be used with --as-job/,
      ],
      ['--as-job --image i:1 --simulate good', /--simulate cannot be used with --as-job/],
      [
        '--as-job --image i:1 --metric request-success-rate:min=99 --prometheus http://me:secret@p',
        /password/,
      ],
    ] as const) {
      const { code, stdout, stderr } = await run(`run catalog v2 --metric pod-failures ${flags}`)
      assert.deepEqual([code, stdout], [2, ''], stderr)
      assert.match(stderr, said)
    }
    const refused = await run('run catalog v7 --metric pod-failures --as-job --image i:1')
    assert.notEqual(refused.code, 0)
    assert.equal(refused.stdout, '')
    const json = await run('run catalog v2 --metric pod-failures --as-job --image i:1 -o json')
    const { items } = parse(json.stdout) as { readonly items: readonly Printed[] }
    assert.ok(items.flatMap(granted).includes(`list /events  in ${namespace}`), json.stdout)
  },
)
