import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { apiPath } from '../../shared/live/api-path.ts'
import type { Connection } from '../../shared/live/connection/connection.ts'
import { keyOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import type { Finding } from '../../shared/rules/rule.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { cutCharacters, plainLine } from '../admission/plain-text.ts'

/** The most that the API takes. */
const mostCharacters = 1024
/** A name has at most 253 characters, and the API server adds some. */
const mostNameCharacters = 200

/**
 * Returns a function that makes a Kubernetes Event about a finding, which `kubectl describe` shows with the object.
 * It never rejects: a problem is logged.
 */
export function eventMaker(
  view: ClusterView,
  { connection, log }: { readonly connection: Pick<Connection, 'request'>; readonly log: Logger },
): (finding: Finding) => Promise<void> {
  return async finding => {
    try {
      const object = view.get(finding.ref)
      if (object !== undefined) await makeEvent(connection, finding, object)
    } catch (error) {
      log.warn(
        { object: keyOf(finding.ref), error: error instanceof Error ? error.message : String(error) },
        'Event could not be created',
      )
    }
  }
}

async function makeEvent(
  connection: Pick<Connection, 'request'>,
  finding: Finding,
  { apiVersion, kind }: KubeObject,
): Promise<void> {
  const { ref, rule, message } = finding
  const version = apiVersion.split('/').at(-1)!
  const read = await connection.request({ path: apiPath(ref.kind, version, ref) })
  if (read.status === 404) return
  if (read.status >= 300) throw new Error(`GET ${keyOf(ref)}: ${read.status}`)
  const { uid, resourceVersion } = (JSON.parse(read.text) as KubeObject).metadata
  const now = new Date().toISOString().replace(/\.\d+/, '')
  const { status, text } = await connection.request({
    method: 'POST',
    path: `/api/v1/namespaces/${encodeURIComponent(ref.namespace)}/events`,
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${ref.name.slice(0, mostNameCharacters)}.`, namespace: ref.namespace },
      involvedObject: { apiVersion, kind, namespace: ref.namespace, name: ref.name, uid, resourceVersion },
      type: 'Warning',
      reason: 'CanaryRoutingBroken',
      message: cutCharacters(`${rule}: ${plainLine(message)}`, mostCharacters),
      source: { component: 'canary-guard' },
      reportingComponent: 'canary-guard',
      reportingInstance: hostname(),
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    },
  })
  if (status >= 300) throw new Error(`POST events: ${status} ${text.slice(0, 200)}`)
}
