/** A webhook that lets everything in and remembers what it was asked: what reaches the guard is decided by the chart's conditions. */
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createAuthority } from '../cluster/credentials.ts'
import { until, type Cluster } from '../cluster/cluster.ts'
import { one, render, type Values } from './helm.ts'

interface ReviewedObject {
  readonly metadata: { readonly name: string }
}
interface Review {
  readonly request: {
    readonly uid: string
    readonly operation: string
    readonly resource: { readonly resource: string }
    readonly subResource?: string
    readonly object: ReviewedObject | null
    readonly oldObject: ReviewedObject | null
  }
}

export interface Recorder extends AsyncDisposable {
  /** What was asked since the last call: `UPDATE virtualservices shop`. */
  asked(): readonly string[]
}

/** Has the API server call a recorder by the chart's own configuration. */
export async function startRecorder(cluster: Cluster, values: Values = {}): Promise<Recorder> {
  const authority = await createAuthority()
  const { certificate, key } = await authority.server(['127.0.0.1'])
  let asked: string[] = []
  const server = createServer({ cert: certificate, key }, (request, response) => {
    void text(request).then(body => {
      const review = JSON.parse(body) as Review
      asked.push(questionOf(review))
      response.setHeader('content-type', 'application/json').end(allowing(review))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const caBundle = Buffer.from(authority.certificate).toString('base64')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/validate`
  const objects = await render({
    ...values,
    certificate: { mode: 'secret', secretName: 'x', caBundle },
    webhook: { url, failurePolicy: 'Fail', ...(values['webhook'] as object) },
  })
  const configuration = one(objects, 'ValidatingWebhookConfiguration')
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
  await cluster.expect(path, { method: 'POST', body: configuration })
  const take = (): readonly string[] => {
    const taken = asked
    asked = []
    return taken
  }
  await until('the API server calls both entries', async () => {
    await probe(cluster)
    return take().length === 2
  })
  return {
    asked: take,
    [Symbol.asyncDispose]: async () => {
      await cluster.expect(`${path}/${configuration.metadata.name}`, { method: 'DELETE' })
      server.closeAllConnections()
      server.close()
    },
  }
}

/** What a review asks about: `UPDATE virtualservices shop`, or `UPDATE deployments/scale shop`. */
const questionOf = ({
  request: { operation, resource, subResource = '', object, oldObject },
}: Review): string =>
  `${operation} ${resource.resource}${subResource === '' ? '' : `/${subResource}`} ${(object ?? oldObject)!.metadata.name}`

const allowing = ({ request: { uid } }: Review): string =>
  JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid, allowed: true },
  })

/** Writes an object for each entry of the configuration, without keeping it. */
async function probe(cluster: Cluster): Promise<void> {
  await cluster.expect('/api/v1/namespaces/default/services?dryRun=All', {
    method: 'POST',
    body: { metadata: { name: 'probe' }, spec: { ports: [{ port: 80 }] } },
  })
  const rule = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'probe' },
    spec: { host: 'probe' },
  }
  await cluster.expect('/apis/networking.istio.io/v1/namespaces/default/destinationrules?dryRun=All', {
    method: 'POST',
    body: rule,
  })
}
