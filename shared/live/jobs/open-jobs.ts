import { CanaryError } from '../../objects/canary-error.ts'
import { fieldsOf, itemsOf, labelsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import type { JobOf, JobStanding, JobStore, NewJob } from '../../view/runs/job-store.ts'
import { resourcePath } from '../api-path.ts'
import type { ApiResponse, Connection } from '../connection/connection.ts'

const resource = 'jobs.batch'
const fieldManager = 'kubectl-canary'

const pathOf = (namespace: string, name?: string): string =>
  resourcePath({ group: 'batch', version: 'v1', plural: 'jobs', namespaced: true }, { namespace, name })

/** The Jobs of a cluster. */
export function openJobs(connection: Connection): JobStore {
  return {
    check: async (of, job) => {
      const answer = await posted(connection, of, { ...job, dryRun: true })
      // An admission webhook that cannot take part in a dry run says nothing of the Job itself.
      if (answer.status === 400 && answer.text.includes('does not support dry run')) return
      requireDone(connection, answer, { verb: 'create', namespace: of.namespace })
    },
    create: async (of, job) => {
      const answer = await posted(connection, of, job)
      if (answer.status === 409 && (await isOurs(connection, of, job))) return
      requireDone(connection, answer, { verb: 'create', namespace: of.namespace })
    },
    get: async of => {
      const answer = await connection.request({ path: pathOf(of.namespace, of.name) })
      if (answer.status === 404) return undefined
      requireDone(connection, answer, { verb: 'get', namespace: of.namespace })
      return standingOf(answer.json())
    },
    remove: async of => {
      const answer = await connection.request({
        method: 'DELETE',
        path: pathOf(of.namespace, of.name),
        // Without it, batch/v1 leaves the pods behind.
        body: { propagationPolicy: 'Background' },
      })
      if (answer.status !== 404) requireDone(connection, answer, { verb: 'delete', namespace: of.namespace })
    },
  }
}

const posted = (
  connection: Connection,
  { namespace, name }: JobOf,
  { labels, annotations, spec, dryRun = false }: NewJob & { readonly dryRun?: boolean },
): Promise<ApiResponse> =>
  connection.request({
    method: 'POST',
    path: pathOf(namespace),
    query: { fieldManager, ...(dryRun && { dryRun: 'All', fieldValidation: 'Strict' }) },
    body: {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name, namespace, labels, annotations },
      spec,
    },
  })

/** Whether the Job of the name was made by the same check, of a process that is gone or got no answer. */
async function isOurs(connection: Connection, of: JobOf, { labels }: NewJob): Promise<boolean> {
  const answer = await connection.request({ path: pathOf(of.namespace, of.name) })
  if (answer.status !== 200) return false
  const found = labelsOf(fieldsOf(fieldsOf(answer.json())['metadata'])['labels'])
  return Object.entries(labels).every(([key, value]) => found[key] === value)
}

/** The conditions that end a Job (batch/v1, JobConditionType); others are said before its pods have ended. */
function standingOf(job: unknown): JobStanding {
  const { conditions: said, active, ready } = fieldsOf(fieldsOf(job)['status'])
  const conditions = itemsOf(said).map(fieldsOf)
  const holds = (type: string) => conditions.find(one => one['type'] === type && one['status'] === 'True')
  if (holds('Complete') !== undefined) return { kind: 'complete' }
  const failed = holds('Failed')
  if (failed === undefined)
    return { kind: 'running', active: numberOf(active) ?? 0, ready: numberOf(ready) ?? 0 }
  return {
    kind: 'failed',
    reason: textOf(failed['reason']) ?? 'Failed',
    message: textOf(failed['message']) ?? '',
  }
}

function requireDone(
  connection: Connection,
  answer: ApiResponse,
  { verb, namespace }: { readonly verb: string; readonly namespace: string },
): void {
  if (answer.status < 300) return
  const refusal = connection.refusal(answer, { verb, resource, namespace })
  if (answer.status !== 409) throw refusal
  throw new CanaryError('conflict', `a Job of the same name is there already: ${refusal.message}`, {
    cause: refusal,
  })
}
