import { CanaryError } from '../../objects/canary-error.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import type { FoundRuns, KeptRun, RunContent, RunOf, RunStore } from '../../view/runs/run-store.ts'
import { resourcePath } from '../api-path.ts'
import type { ApiResponse, Connection } from '../connection/connection.ts'
import { postEvent } from '../post-event.ts'
import { whoAmI } from '../who-am-i.ts'
import { leaseName, leaseOf, leasePatch, runIn, runLabel } from './lease-object.ts'

const resource = 'leases.coordination.k8s.io'
const fieldManager = 'kubectl-canary'

const pathOf = (namespace: string | undefined, name?: string): string =>
  resourcePath(
    { group: 'coordination.k8s.io', version: 'v1', plural: 'leases', namespaced: true },
    { namespace, name },
  )

/** The runs of a cluster: a Lease for each service. */
export function openRuns(connection: Connection): RunStore {
  return {
    list: namespace => listRuns(connection, namespace),
    get: of => getRun(connection, of),
    create: async (of, content, owner) => {
      const service = owner && { apiVersion: 'v1', kind: 'Service', ...owner, controller: true }
      const answer = await connection.request({
        method: 'POST',
        path: pathOf(of.namespace),
        query: { fieldManager },
        body: leaseOf(of, content, { now: new Date(), owner: service }),
      })
      if (answer.status === 409) await requireOurs(connection, of)
      return written(connection, answer, { verb: 'create', namespace: of.namespace })
    },
    announce: ({ owner, namespace }, { isGood, reason, message, at }) =>
      postEvent(connection, {
        owner,
        namespace,
        type: isGood ? 'Normal' : 'Warning',
        reason,
        action: 'Run',
        message,
        at: at.toISOString().replace(/\.\d+Z$/, 'Z'),
      }),
    me: () => whoAmI(connection),
    replace: (run, content) => replaceRun(connection, run, content),
    remove: async run => {
      const answer = await connection.request({
        method: 'DELETE',
        path: pathOf(run.namespace, run.name),
        body: { preconditions: { resourceVersion: run.resourceVersion } },
      })
      if (answer.status !== 404) requireDone(connection, answer, { verb: 'delete', namespace: run.namespace })
    },
  }
}

async function listRuns(connection: Connection, namespace: string): Promise<FoundRuns> {
  const answer = await connection.request({
    path: pathOf(namespace === '*' ? undefined : namespace),
    query: { labelSelector: runLabel },
  })
  if (answer.status !== 200)
    return {
      runs: [],
      missing: connection.refusal(answer, {
        verb: 'list',
        resource,
        namespace: namespace === '*' ? '' : namespace,
      }).message,
    }
  return { runs: itemsOf(fieldsOf(answer.json())['items']).flatMap(item => runIn(item) ?? []) }
}

async function getRun(connection: Connection, { service, namespace }: RunOf): Promise<KeptRun | undefined> {
  const answer = await connection.request({ path: pathOf(namespace, leaseName(service)) })
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw connection.refusal(answer, { verb: 'get', resource, namespace })
  return runIn(answer.json())
}

/** Throws a CanaryError `refused` where a Lease of something else has the name. */
async function requireOurs(connection: Connection, { service, namespace }: RunOf): Promise<void> {
  const name = leaseName(service)
  const answer = await connection.request({ path: pathOf(namespace, name) })
  if (answer.status !== 200 || runIn(answer.json()) !== undefined) return
  throw new CanaryError('refused', `Lease ${namespace}/${name} does not hold a run of kubectl canary`, {
    hints: [`If nothing else uses it: kubectl delete lease ${name} -n ${namespace}`],
  })
}

async function replaceRun(connection: Connection, run: KeptRun, content: RunContent): Promise<KeptRun> {
  const { metadata, spec } = leasePatch(content, new Date())
  const answer = await connection.request({
    method: 'PATCH',
    path: pathOf(run.namespace, run.name),
    query: { fieldManager },
    contentType: 'application/merge-patch+json',
    body: { metadata: { ...metadata, resourceVersion: run.resourceVersion }, spec },
  })
  return written(connection, answer, { verb: 'patch', namespace: run.namespace })
}

interface RunRequest {
  readonly verb: string
  readonly namespace: string
}

function written(connection: Connection, answer: ApiResponse, asked: RunRequest): KeptRun {
  requireDone(connection, answer, asked)
  const run = runIn(answer.json())
  if (run === undefined) throw new CanaryError('failed', 'the API server did not keep the run')
  return run
}

function requireDone(connection: Connection, answer: ApiResponse, { verb, namespace }: RunRequest): void {
  if (answer.status < 300) return
  const refusal = connection.refusal(answer, { verb, resource, namespace })
  if (answer.status !== 409) throw refusal
  throw new CanaryError('conflict', 'another process is carrying out the run of this service', {
    cause: refusal,
  })
}
