import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { ManifestsFolder } from '../../manifests-folder.ts'

interface Service extends AsyncDisposable {
  readonly address: string
  readonly seen: { readonly host: string | undefined; readonly url: string | undefined }[]
}

/** A service whose answers name a version; `version` gets the number of the request. */
async function serviceThat(version: (n: number) => string | number): Promise<Service> {
  const seen: { host: string | undefined; url: string | undefined }[] = []
  const server = createServer((request, response) => {
    const said = version(seen.length)
    seen.push({ host: request.headers.host, url: request.url })
    if (typeof said === 'number') response.writeHead(said).end()
    else response.writeHead(200, { 'x-version': said }).end(`hello from version ${said}`)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    [Symbol.asyncDispose]: () => new Promise(resolve => server.close(() => resolve())),
  }
}

async function split(): Promise<ManifestsFolder> {
  const folder = new ManifestsFolder('catalog')
  await folder.run('weight v2=20')
  return folder
}

const live = ['--live', '--rate', '500', '--version-header', 'x-version', '--count', '100'] as const
const ask = (folder: ManifestsFolder, { address }: Service, ...more: readonly string[]) =>
  folder.runWords(['try', 'http://catalog/items?a=1', ...live, '--address', address, ...more])

describe('real requests of try', () => {
  it('agree with the configured shares where the answers come in these parts', async () => {
    using folder = await split()
    await using service = await serviceThat(n => (n % 5 === 0 ? 'v2' : 'v1'))
    const { code, stdout } = await ask(folder, service)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /100 requests to 127\.0\.0\.1:\d+:/)
    assert.match(stdout, /v1 +80 +80 % +80 %\n +v2 +20 +20 % +20 %/)
    assert.match(
      stdout,
      /agree with the configured shares\. \(chi-squared 0\.00, 1 degrees of freedom, p = 1\.000\)/,
    )
    assert.equal(service.seen.length, 100)
    assert.deepEqual(service.seen[0], { host: 'catalog', url: '/items?a=1' })
  })

  it('differ where the parts are others, and exit 3', async () => {
    using folder = await split()
    await using service = await serviceThat(n => (n % 2 === 0 ? 'v2' : 'v1'))
    const { code, stdout } = await ask(folder, service, '-o', 'json')
    assert.equal(code, 3)
    const [{ live: data }] = JSON.parse(stdout).trials
    assert.equal(data.verdict, 'differs')
    assert.deepEqual(data.parts, [
      { name: 'v1', count: 50, expected: 0.8 },
      { name: 'v2', count: 50, expected: 0.2 },
    ])
  })

  it('count what answers with an error apart from its version', async () => {
    using folder = await split()
    await using service = await serviceThat(n => (n % 10 === 0 ? 503 : n % 5 === 1 ? 'v2' : 'v1'))
    const { code, stdout } = await ask(folder, service)
    assert.equal(code, 3)
    assert.match(stdout, /503 +10 +10 % +0 %/)
  })
})

describe('too few real requests, or none that are answered', () => {
  it('cannot tell, and say how many are needed', async () => {
    using folder = await split()
    await using service = await serviceThat(n => (n % 5 === 0 ? 'v2' : 'v1'))
    const { code, stdout } = await ask(folder, service, '--count', '10')
    assert.equal(code, 0)
    assert.match(stdout, /Cannot tell [^]*A share of 20 % needs at least 25 requests: add --count 25\./)
    const enough = await ask(folder, service, '--count', '25')
    assert.match(enough.stdout, /agree with/)
  })

  it('leave the version to the body, and say where nobody answers', async () => {
    using folder = await split()
    await using service = await serviceThat(() => 'v1')
    const body = ['--live', '--count', '20', '--address', service.address, '--rate', '500']
    const found = await folder.runWords(['try', 'catalog', ...body, '--version-body', 'version (v\\d)'])
    assert.match(found.stdout, /v1 +20 +100 %/)
    const gone = { address: '127.0.0.1:1', seen: [] } as unknown as Service
    const { code, stdout } = await ask(folder, gone, '--count', '3')
    assert.equal(code, 1)
    assert.match(stdout, /no answer: 3 \(ECONNREFUSED\)\nCannot tell/)
  })
})

describe('the flags of real requests', () => {
  it('are refused without --live, and --live without a way to tell versions', async () => {
    using folder = await split()
    for (const [flags, message] of [
      [['--rate', '5'], /--rate can only be used with --live/],
      [['--live'], /needs to know where an answer names its version/],
      [['--live', '--version-header', 'x', '--rate', '0'], /--rate 0 is not a number from 1 to 500/],
      [
        ['--live', '--version-header', 'x', '--count', '20000'],
        /--count 20000 is not a number from 1 to 10000/,
      ],
      [['--live', '--version-header', 'x', '--address', 'a'], /--address a is not HOST:PORT/],
      [['--live', '--version-body', 'x'], /not a regex with a group/],
      [['--live', '--version-header', 'x', '--with', 'weight v2=1'], /--live cannot be used with --with/],
      [
        ['--live', '--version-header', 'x', '--count', '5', '--seed', '2'],
        /--seed cannot be used with --live/,
      ],
      [
        ['--live', '--version-header', 'x', '--version-body', '(x)'],
        /--version-header and --version-body cannot be used together/,
      ],
    ] as const) {
      const { code, stderr } = await folder.runWords(['try', 'catalog', ...flags])
      assert.equal(code, 2)
      assert.match(stderr, message)
    }
  })
})
