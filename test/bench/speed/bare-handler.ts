/** A fastify handler behind TLS that parses each review and allows it, to compare the guard with; says its port, and its CPU time at /metrics. */
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'

const [folder = '.'] = process.argv.slice(2)
const [cert, key] = await Promise.all(['tls.crt', 'tls.key'].map(name => readFile(`${folder}/${name}`)))
const app = fastify({ https: { cert: cert!, key: key! }, bodyLimit: 8 * 2 ** 20 })
app.post('/validate', request => {
  const {
    apiVersion,
    kind,
    request: asked,
  } = request.body as {
    readonly apiVersion: string
    readonly kind: string
    readonly request: { readonly uid: string }
  }
  return { apiVersion, kind, response: { uid: asked.uid, allowed: true } }
})
app.get('/metrics', () => {
  const { user, system } = process.cpuUsage()
  return `process_cpu_seconds_total ${(user + system) / 1e6}\n`
})
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(JSON.stringify({ msg: 'listening', port: (app.server.address() as AddressInfo).port }))
