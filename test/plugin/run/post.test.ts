import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { anyText, fc } from '../../properties.ts'
import { filled, hookBody, post, postTo, shownUrl, withoutPasswords } from '../../../plugin/run/post.ts'
import { begun as record } from './scripted-run.ts'

const never = new AbortController().signal

async function served<T>(answer: RequestListener, use: (host: string) => Promise<T>): Promise<T> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('a gate that sends to a page to log in, which answers 200, is closed', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    const posted = await served(
      ({ url }, response) =>
        void (url === '/login'
          ? response.end('log in')
          : response.writeHead(status, { location: '/login' }).end()),
      host => post(`http://${host}/gate`, '{}', never),
    )
    assert.equal(posted.ok, false)
    assert.match(posted.said, new RegExp(`^${status} `))
  }
})

test('a name and a password in a URL are sent, and never shown', async () => {
  let sent: string | undefined
  const answered = await served(
    ({ headers }, response) => {
      sent = headers.authorization
      response.end()
    },
    host => post(`http://jane:s%40cret@${host}/gate`, '{}', never),
  )
  assert.equal(answered.ok, true)
  assert.equal(sent, `Basic ${Buffer.from('jane:s@cret').toString('base64')}`)
  const refused = await post('http://jane:s3cret@127.0.0.1:1/gate', '{}', never)
  assert.equal(refused.ok, false)
  assert.doesNotMatch(refused.said, /s3cret/)
})

test('a variable in a URL is filled in from the environment of the process, and never shown', async () => {
  const seen: (string | undefined)[] = []
  const env = { PASSWORD: 's@c/r:t', KEY: 'T0/B0', EMPTY: '' }
  await served(
    ({ headers, url }, response) => {
      seen.push(headers.authorization, url)
      response.end()
    },
    async host => {
      const target = { url: `http://jane:\${PASSWORD}@${host}/\${KEY}`, env }
      assert.deepEqual(await postTo(target, '{}', never), { ok: true, said: '200 OK' })
      const whole = { url: '${URL}', env: { URL: `http://${host}/whole` } }
      assert.equal((await postTo(whole, '{}', never)).ok, true)
    },
  )
  const proof = `Basic ${Buffer.from('jane:s@c/r:t').toString('base64')}`
  assert.deepEqual(seen, [proof, '/T0/B0', undefined, '/whole'])
  for (const [url, said] of [
    ['http://ci/${NONE}', 'the environment variable NONE is not set'],
    ['http://ci/${EMPTY}', 'the environment variable EMPTY is not set'],
    ['${KEY}', 'it is not a URL'],
  ] as const)
    assert.deepEqual(await postTo({ url, env }, '{}', never), { ok: false, said })
  assert.equal(shownUrl('https://jane:${PASSWORD}@ci/${KEY}'), 'https://ci/${KEY}')
  assert.equal(shownUrl('${URL}'), '${URL}')
})

test('an answer whose body never ends is taken by its status', { timeout: 5000 }, async () => {
  const posted = await served(
    (_, response) => void response.writeHead(200).write('x'),
    host => post(`http://${host}/`, '{}', never),
  )
  assert.deepEqual(posted, { ok: true, said: '200 OK' })
})

test('a post that nobody answers is made once more', { timeout: 10_000 }, async () => {
  let asked = 0
  const posted = await served(
    ({ socket }) => {
      asked++
      socket.destroy()
    },
    host => post(`http://${host}/`, '{}', never),
  )
  assert.deepEqual([posted.ok, asked], [false, 2])
})

test('a post is given up when the run is interrupted', { timeout: 5000 }, async () => {
  const stop = new AbortController()
  const reason = new Error('interrupted')
  await served(
    () => stop.abort(reason),
    host => assert.rejects(post(`http://${host}/`, '{}', stop.signal), reason),
  )
})

test('a URL is shown without its password, query and the keys of chat tools', () => {
  assert.equal(
    shownUrl('https://jane:s3cret@ci.example.com/canary?token=1#x'),
    'https://ci.example.com/canary',
  )
  assert.equal(
    shownUrl('https://hooks.example.com/services/T0/B0/abcd1234efgh5678ijkl9012'),
    'https://hooks.example.com/services/T0/B0/…',
  )
  assert.equal(shownUrl('http://ci/'), 'http://ci')
})

test('a command is kept and shown without the passwords in its URLs', () => {
  assert.equal(
    withoutPasswords('kubectl canary run catalog v2 --gate https://jane:s3cret@ci/x --hook http://t@h'),
    'kubectl canary run catalog v2 --gate https://ci/x --hook http://h',
  )
  assert.equal(
    withoutPasswords('run --reason me@home --gate http://ci/a@b'),
    'run --reason me@home --gate http://ci/a@b',
  )
})

const news = { moment: 'step', now: new Date(0) } as const
test('a template of JSON stays JSON, whatever its fields say', () => {
  fc.assert(
    fc.property(anyText(), anyText(), (service, message) => {
      const template = '{"text": "{{ service }}: {{message}}", "step": {{ step }}, "other": "{{ other }}"}'
      const body: unknown = JSON.parse(
        hookBody({ url: 'http://x', template }, { ...record, service }, { ...news, message }),
      )
      const wellFormed = (text: string) => text.isWellFormed()
      if (wellFormed(service) && wellFormed(message))
        assert.deepEqual(body, { text: `${service}: ${message}`, step: 1, other: '{{ other }}' })
    }),
  )
})

test('a field that holds a field is not filled in again', () => {
  assert.equal(filled('{{ a }}', { a: '{{ b }}', b: 'no' }), '{{ b }}')
})
