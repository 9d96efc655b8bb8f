import assert from 'node:assert/strict'
import { test } from 'node:test'
import { proxyFor } from '../../../shared/live/corrections/environment-proxy.ts'

const goes = (server: string, env: Readonly<Record<string, string>>, proxyUrl?: string): string | undefined =>
  proxyFor(new URL(server), proxyUrl, env)?.href

test('the proxy of the environment is taken by scheme, capitals first', () => {
  assert.equal(
    goes('https://api', { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:1', HTTP_PROXY: 'http://r:1' }),
    'http://p:1/',
  )
  assert.equal(goes('https://api', { https_proxy: 'q:1' }), 'http://q:1/')
  assert.equal(goes('http://api', { HTTPS_PROXY: 'http://p:1' }), undefined)
})

test('the proxy of the kubeconfig wins and knows no exceptions', () => {
  assert.equal(
    goes('https://api', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, 'socks5://s:1080'),
    'socks5://s:1080',
  )
  assert.throws(() => goes('https://api', {}, 'ftp://x'), /is not the URL of a proxy/)
})

test('NO_PROXY is read as Go reads it', () => {
  const isDirect = (host: string, NO_PROXY: string): boolean =>
    goes(`https://${host}`, { HTTPS_PROXY: 'http://p:1', NO_PROXY }) === undefined
  const direct: readonly (readonly [string, string])[] = [
    ['api', '*'],
    ['api.corp', 'corp'],
    ['corp', 'corp'],
    ['api.corp', '.corp'],
    ['api.corp', '*.corp'],
    ['API.corp', ' x , Api.Corp '],
    ['api:6443', 'api:6443'],
    ['10.1.2.3', '10.0.0.0/8'],
    ['10.1.2.3', '10.1.2.3'],
    ['[fd00::7]', 'fd00::/8'],
    ['[fd00::7]', 'fd00::7'],
    ['[fd00::7]:6443', '[fd00::7]:6443'],
    ['localhost', ''],
    ['127.0.0.1', ''],
    ['[::1]', ''],
  ]
  for (const [host, list] of direct) assert.ok(isDirect(host, list), `${host} past ${list}`)
  const proxied: readonly (readonly [string, string])[] = [
    ['api', ''],
    ['corp', '.corp'],
    ['corp', '*.corp'],
    ['xcorp', 'corp'],
    ['api:6443', 'api:443'],
    ['11.1.2.3', '10.0.0.0/8'],
    ['api', '10.0.0.0/8'],
    ['10.1.2.3', '0.1.2.3'],
  ]
  for (const [host, list] of proxied) assert.ok(!isDirect(host, list), `${host} not past ${list}`)
})
