import net, { isIP } from 'node:net'
import { CanaryError } from '../../objects/canary-error.ts'
import type { Environment } from './exec/exec-info.ts'

/**
 * The proxy on the way to a server: the kubeconfig's, else the environment's by Go's rules
 * (golang.org/x/net/http/httpproxy).
 */
export function proxyFor(server: URL, proxyUrl: string | undefined, env: Environment): URL | undefined {
  if (proxyUrl) return parsedProxy(proxyUrl, 'kubeconfig: proxy-url')
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const text = env[name] || env[name.toLowerCase()]
  if (!text || isExempt(server, env['NO_PROXY'] || env['no_proxy'] || '')) return undefined
  return parsedProxy(text, name)
}

function parsedProxy(text: string, where: string): URL {
  const url = text.includes('://') ? text : `http://${text}`
  if (!URL.canParse(url) || !/^(https?|socks5h?):/i.test(url)) {
    throw new CanaryError('unreadable', `${where} ${text} is not the URL of a proxy`, {
      hints: ['It must start with http://, https:// or socks5://.'],
    })
  }
  return new URL(url)
}

function isExempt(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = server.port || (server.protocol === 'https:' ? '443' : '80')
  if (host === 'localhost' || isLoopback(host)) return true
  return noProxy
    .split(',')
    .map(entry => entry.trim().toLowerCase())
    .some(entry => entry === '*' || (entry !== '' && covers(entry, host, port)))
}

const isLoopback = (host: string): boolean => (isIP(host) === 4 ? host.startsWith('127.') : host === '::1')

/**
 * Whether an entry of NO_PROXY, an address range or a name or address with or without a port, covers a host.
 */
function covers(entry: string, host: string, port: string): boolean {
  const [, network = '', prefix] = /^([\da-f.:]+)\/(\d+)$/.exec(entry) ?? []
  if (isIP(network) !== 0) return isIP(host) !== 0 && inRange(host, network, Number(prefix))
  const [, name, entryPort = port] =
    /^\[?(.+?)\]?(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? []
  if (name === undefined || entryPort !== port) return false
  return isIP(name) === 0 ? isAtOrBelow(host, name) : name === host
}

/** `example.com` also covers what is below it, `.example.com` and `*.example.com` only that. */
function isAtOrBelow(host: string, name: string): boolean {
  const below = name.startsWith('*.') ? name.slice(1) : name
  return below.startsWith('.') ? host.endsWith(below) : host === below || host.endsWith(`.${below}`)
}

function inRange(host: string, network: string, prefix: number): boolean {
  const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6')
  if (family(host) !== family(network) || prefix > (isIP(network) === 4 ? 32 : 128)) return false
  const list = new net.BlockList()
  list.addSubnet(network, prefix, family(network))
  return list.check(host, family(host))
}
