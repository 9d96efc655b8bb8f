import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../../plugin/open-store.ts'
import { ManifestsFolder } from '../manifests-folder.ts'
import { runCommand, words, type Ended } from '../run-command.ts'

const services = ['', '-v1', '-v2']
  .map(
    end => `apiVersion: v1
kind: Service
metadata: { name: catalog${end}, namespace: shop }
spec: { selector: { app: catalog${end === '' ? '' : `, version: ${end.slice(1)}`} }, ports: [{ port: 80 }] }
`,
  )
  .join('---\n')

const route = `# The way to the catalog.
apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata:
  name: catalog
  namespace: shop
spec:
  http:
    - name: all   # everything
      match:
        hosts: ["catalog.example.com"]
        paths: ['/*']
      backends:
        - serviceName: catalog-v1
          servicePort: 80
      plugins:
        - { name: cors, enable: true }
`

const page = (version: string, annotations: string): string => `apiVersion: v1
kind: Service
metadata:
  name: error-page-${version}   # ${version}
  namespace: shop
${annotations}spec:
  selector: { app: error-page, version: ${version} }
  ports: [{ port: 80 }]
`

/** Works in a folder with one file, as people type it; the file afterwards. */
async function edited(text: string, ...lines: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-files-'))
  try {
    const file = join(folder, 'all.yaml')
    await writeFile(file, text)
    for (const line of lines) {
      const { code, stderr } = await runCommand(words(`${line} -n shop -f ${file}`), { store: openStore })
      assert.equal(code, 0, `${line}: ${stderr}`)
    }
    return await readFile(file, 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describe('an ApisixRoute in a file', () => {
  const whole = `${services}---\n${route}`

  it('is edited in place with its comments, and the end of a canary gives its bytes back', async () => {
    const split = await edited(whole, 'weight catalog v2=10')
    assert.match(split, /# The way to the catalog\./)
    assert.match(split, /- name: all {3}# everything/)
    assert.match(split, /weight: 90/)
    assert.equal(await edited(split, 'abort catalog'), whole)
    const cohort = await edited(whole, 'cohort internal catalog --to v2')
    assert.match(cohort, /name: all-internal/)
    assert.equal(await edited(cohort, 'cohort internal catalog --remove'), whole)
  })
})

describe('a first ApisixRoute', () => {
  const classed = (name: string, ingressClass: string): string => `apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: { name: ${name}, namespace: shop }
spec:
  ingressClassName: ${ingressClass}
  http: [{ name: all, match: { paths: [/*] }, backends: [{ serviceName: other, servicePort: 80 }] }]
`
  const init = 'init catalog --stable v1 --provider apisix --host catalog.example.com'
  const said = async (text: string, line: string): Promise<Ended> => {
    using folder = new ManifestsFolder()
    folder.write('all.yaml', text)
    return await folder.run(`${line} -n shop`)
  }

  it('says where it names no ingress class, and takes the one that others name', async () => {
    const bare = await said(services, init)
    assert.equal(bare.code, 0, bare.stderr)
    assert.match(bare.stderr, /ApisixRoute shop\/catalog names no ingress class: .* --gateway CLASS/)
    for (const ended of [
      await said(services, `${init} --gateway apisix`),
      await said(`${services}---\n${classed('other', 'apisix')}`, init),
    ])
      assert.doesNotMatch(ended.stdout + ended.stderr, /names no ingress class/)
  })

  it('asks for the ingress class where others name several', async () => {
    const several = `${services}---\n${classed('one', 'inner')}---\n${classed('other', 'outer')}`
    const { code, stderr } = await said(several, init)
    assert.equal(code, 2)
    assert.match(
      stderr,
      /needs --gateway: routes name several ingress classes\n.*--gateway inner, --gateway outer/,
    )
    assert.equal((await said(several, `${init} --gateway outer`)).code, 0)
    using folder = new ManifestsFolder()
    folder.write('all.yaml', services)
    assert.equal((await folder.run(init)).code, 0)
    assert.equal((await folder.run(`${init} --gateway apisix`)).code, 0)
    assert.match(Object.values(folder.texts()).join('\n'), /^ {2}ingressClassName: apisix$/m)
  })
})

describe('Services for API7 Cloud in a file', () => {
  const stable = page('v1', '  annotations:\n    api7.cloud/published-service: error-page\n')
  const whole = `${stable}---\n${page('v2', '')}`

  it('have the annotations of the canary only, and those of stable stay byte for byte', async () => {
    const begun = await edited(whole, 'weight error-page v2=10')
    assert.ok(begun.startsWith(`${stable}---\n`), begun)
    assert.match(begun, /api7\.cloud\/published-service-canary-percentage: ["']10["']/)
    assert.match(begun, /api7\.cloud\/published-canary-service: ["']true["']/)
    const back = await edited(begun, 'weight error-page v2=30', 'abort error-page')
    assert.doesNotMatch(back, /published-canary-service/)
    assert.match(back, /percentage: ["']30["']/)
    assert.ok(back.startsWith(`${stable}---\n`), back)
  })
})
