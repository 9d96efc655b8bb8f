import { EventEmitter } from 'node:events'
import type { Agent } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'

/** Where a tunnel leads; the host without brackets. */
export interface TunnelTarget {
  readonly host: string
  readonly port: number
}

/** What upstream's agents for proxies have in common with each other: hpagent's, and socks-proxy-agent's. */
interface ProxyAgent extends Agent {
  proxy: { hostname?: string; host?: string }
  /** Of SOCKS alone. */
  connect?: (request: EventEmitter, target: TunnelTarget & { secureEndpoint: boolean }) => Promise<Socket>
}

/**
 * A socket to the target through a proxy, by the agent that upstream makes for its URL. Upstream opens one for
 * each request, without HTTP/2. It also resolves names itself for `socks5://`, which kubectl leaves to the
 * proxy; it cannot take an IPv6 address for the proxy or, through HTTP, for the target; and its errors do not
 * name the proxy. Fails with an error that does.
 */
export async function openTunnel(proxy: URL, target: TunnelTarget): Promise<Socket> {
  try {
    const agent = await agentFor(proxy)
    if (agent.connect !== undefined)
      return await agent.connect(new EventEmitter(), { ...target, secureEndpoint: false })
    const host = isIPv6(target.host) ? `[${target.host}]` : target.host
    return await new Promise((resolve, reject) => {
      agent.createConnection({ host, port: target.port }, (error, socket) =>
        error ? reject(error) : resolve(socket as Socket),
      )
    })
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    throw Object.assign(new Error(`the proxy ${proxy.host} ${wordsOf(message)}`, { cause: error }), { code })
  }
}

async function agentFor(proxy: URL): Promise<ProxyAgent> {
  const config = new KubeConfig()
  // As for a server without TLS: the tunnel alone is wanted, whatever is spoken through it.
  const proxyUrl = proxy.href.replace(/^socks5:/, 'socks5h:')
  config.loadFromClusterAndUser(
    { name: '', server: 'http://target', skipTLSVerify: true, proxyUrl },
    { name: '' },
  )
  const options: { agent?: Agent } = {}
  await config.applyToHTTPSOptions(options)
  const agent = options.agent as ProxyAgent
  const host = proxy.hostname.replace(/^\[|\]$/g, '')
  if (!isIPv6(host)) return agent
  if (agent.connect === undefined) agent.proxy = { ...partsOf(proxy), hostname: host }
  else agent.proxy.host = host
  return agent
}

const partsOf = ({ protocol, port, username, password }: URL): object => ({
  protocol,
  port,
  username,
  password,
})

function wordsOf(message: string): string {
  const answered = /^Bad response: (\d+)/.exec(message)
  if (answered) return `answered ${answered[1]}`
  if (/Authentication failed/i.test(message)) return 'rejects the user name or password'
  return `failed: ${message}`
}
