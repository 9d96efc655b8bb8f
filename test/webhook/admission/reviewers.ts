/** Reviewers, servers and clients for the tests. */
import { request as httpsRequest, type Agent } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Judge } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import type { ReviewRecord, Reviewer } from '../../../webhook/admission/answer-review.ts'
import type { AdmissionAnswer } from '../../../webhook/admission/response.ts'
import { plantedJudge } from '../planted-rules.ts'
import { destinationRule, namespaceObject, service } from '../requests.ts'

/** Everything that `virtualService({ v1, v2 })` of the fixtures needs. */
export const cluster: readonly KubeObject[] = [namespaceObject(), service(), destinationRule(['v1', 'v2'])]

/** A reviewer over a cluster that stands still; what it decides is kept in `decisions`. */
export function reviewerOf({
  objects = cluster,
  judge = plantedJudge,
  ...fields
}: Partial<Reviewer> & {
  readonly objects?: readonly KubeObject[]
  readonly judge?: Judge
} = {}): Reviewer & { readonly decisions: ReviewRecord[] } {
  const view = snapshot(objects)
  const decisions: ReviewRecord[] = []
  return {
    decisions,
    context: () => ({ view, judge, settings: defaultConfig }),
    onError: () => 'allow',
    readApi: async evidence =>
      evidence.name === undefined
        ? view.list(evidence.kind, evidence.namespace)
        : [view.get(evidence)].filter(object => object !== undefined),
    mayRead: async () => true,
    onReviewed: decided => void decisions.push(decided),
    ...fields,
  }
}

export interface Posted {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** POSTs to a server on the loopback, over an agent of the test's. */
export function post(
  port: number,
  body: string | Buffer,
  {
    agent,
    path = '/validate?timeout=5s',
    ca,
    contentType = 'application/json',
  }: { readonly agent?: Agent; readonly path?: string; readonly ca: string; readonly contentType?: string },
): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      ca,
      servername: 'localhost',
      headers: { 'content-type': contentType, 'content-length': Buffer.byteLength(body) },
      ...(agent === undefined ? {} : { agent }),
    }
    const sent = httpsRequest(options, answer => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export const responseIn = ({ text }: Posted): AdmissionAnswer['response'] =>
  (JSON.parse(text) as AdmissionAnswer).response
