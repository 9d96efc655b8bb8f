import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Labels } from '../../shared/objects/kube-object.ts'
import type { AskedCaller, AskedRequest } from '../../shared/trial/asked-request.ts'

/** A request as it was typed. */
export interface RequestWords {
  readonly url: string
  readonly method?: string | undefined
  /** `name: value`, as curl has them. */
  readonly header?: readonly string[] | undefined
  /** `name=value` */
  readonly claim?: readonly string[] | undefined
  readonly from?: string | undefined
  readonly via?: string | undefined
}

/** A request that was typed. Throws `usage` for what is none. */
export function parseRequest(words: RequestWords): AskedRequest {
  const { url, method, header = [], claim = [], from, via } = words
  if (from !== undefined && via !== undefined)
    throw usage(
      '--from and --via cannot be used together',
      'A request comes from a workload in the mesh, or in by a gateway: leave one of them out.',
    )
  const headers = joined(header.map(headerOf))
  const { host: said, ...rest } = parseUrl(url)
  const { host: named, ...others } = headers
  return {
    ...rest,
    ...(named === undefined ? { host: said } : { host: parseUrl(named).host, authority: named }),
    method: methodOf(method),
    headers: others,
    ...(claim.length > 0 && { claims: claimsOf(claim) }),
    ...(from !== undefined && { from: callerOf(from) }),
    ...(via !== undefined && { via: gatewayOf(via) }),
  }
}

const form = 'Write it like http://catalog/items, https://shop.example.com/, or catalog:8080/items?beta=1.'

/** `http://` may be left out; a path alone names no host. */
function parseUrl(text: string): Pick<AskedRequest, 'scheme' | 'host' | 'port' | 'path' | 'query'> {
  const [, scheme = 'http', authority = '', rest = ''] =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?([^/?#]*)([^#]*)(?:#.*)?$/s.exec(text) ?? []
  const known = scheme.toLowerCase()
  if (known !== 'http' && known !== 'https')
    throw usage(`${JSON.stringify(text)} has the scheme ${scheme}, which routes of HTTP do not take`, form)
  const { host, port } = authorityIn(authority, text)
  if (/\s/.test(rest)) throw usage(`${JSON.stringify(text)} has a blank in it`, 'Write it as %20.')
  const mark = rest.indexOf('?')
  const path = mark < 0 ? rest : rest.slice(0, mark)
  return {
    scheme: known,
    host,
    port: port === usualPorts[known] ? undefined : port,
    path: path === '' ? '/' : path,
    ...(mark >= 0 && { query: rest.slice(mark + 1) }),
  }
}

/** A host in lower case, in brackets an address of IPv6, and its port. */
function authorityIn(authority: string, text: string): Pick<AskedRequest, 'host' | 'port'> {
  const [, host, port] = /^(\[[0-9a-fA-F:.]+\]|[^:@\s]+)(?::(\d{1,5}))?$/.exec(authority) ?? []
  const number = port === undefined ? undefined : Number(port)
  const isPort = number === undefined || (number >= 1 && number <= 65_535)
  if (host === undefined || /[^\x21-\x7e]/.test(host) || !isPort)
    throw usage(`${JSON.stringify(text)} is not a URL with a host`, form)
  return { host: host.toLowerCase(), port: number }
}

const usualPorts = { http: 80, https: 443 } as const

function methodOf(method = 'GET'): string {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method)) return method
  throw usage(`${JSON.stringify(method)} is not an HTTP method`, 'Write it like -X POST.')
}

/** RFC 9110, 5.6.2 and 5.5. */
function headerOf(word: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*[:=]\s*(.*?)\s*$/s.exec(word) ?? []
  if (name !== undefined && value !== undefined && !/[\r\n\0]/.test(value)) return [name.toLowerCase(), value]
  throw usage(`-H ${JSON.stringify(word)} is not name: value`, "Write it like -H 'x-istio-cohort: internal'.")
}

/** Several values of one name are one, as a proxy joins them: cookies by semicolons, others by commas. */
function joined(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const groups = Map.groupBy(pairs, ([name]) => name)
  return Object.fromEntries(
    [...groups].map(([name, those]) => [
      name,
      those.map(([, value]) => value).join(name === 'cookie' ? '; ' : ','),
    ]),
  )
}

function claimsOf(words: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const pairs = words.map(word => {
    const equals = word.indexOf('=')
    if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)] as const
    throw usage(`--claim ${word} is not name=value`, 'Write it like --claim group=internal.')
  })
  return Object.fromEntries(
    [...Map.groupBy(pairs, ([name]) => name)].map(([name, those]) => [name, those.map(([, value]) => value)]),
  )
}

const kinds: Readonly<Record<string, string>> = {
  deploy: 'deployment',
  deployments: 'deployment',
  sts: 'statefulset',
  statefulsets: 'statefulset',
  ds: 'daemonset',
  daemonsets: 'daemonset',
  rs: 'replicaset',
  replicasets: 'replicaset',
  po: 'pod',
  pods: 'pod',
  ro: 'rollout',
  rollouts: 'rollout',
}
const name = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/

/** `webapp`, `deploy/webapp`, `deploy/webapp.shop`, or labels: `app=webapp,tier=front`. */
function callerOf(word: string): AskedCaller {
  if (word.includes('=')) return { labels: labelsIn(word) }
  const [first = '', second] = word.split('/')
  const said = second ?? first
  if (!name.test(said) || word.split('/').length > 2)
    throw usage(
      `--from ${word} is not a workload`,
      'Write it like --from deploy/webapp, --from webapp.NAMESPACE, or as labels: --from app=webapp.',
    )
  const [own, namespace] = said.split('.')
  const kind = second === undefined ? undefined : (kinds[first.toLowerCase()] ?? first.toLowerCase())
  return { name: own, ...(kind !== undefined && { kind }), ...(namespace !== undefined && { namespace }) }
}

function labelsIn(word: string): Labels {
  const pairs = word.split(',').map(pair => /^([^=\s]+)=([^=\s]*)$/.exec(pair))
  if (pairs.every(pair => pair !== null))
    return Object.fromEntries(pairs.map(([, key, value]) => [key!, value!]))
  throw usage(`--from ${word} is not a list of labels`, 'Write it like --from app=webapp,tier=front.')
}

/** `NAME` or `NAMESPACE/NAME`. */
function gatewayOf(word: string): string {
  if (/^([a-z0-9][-a-z0-9]*\/)?[a-z0-9][-a-z0-9.]*$/.test(word)) return word
  throw usage(`--via ${word} is not the name of a Gateway`, 'Write NAME or NAMESPACE/NAME.')
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
