import assert from 'node:assert/strict'
import test from 'node:test'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'
import {
  apex,
  atGateway as routeAtGateway,
  gateway,
  shop,
  v1,
  v2,
  version,
} from '../../plan/version-services/shop.ts'
import { ManifestsFolder } from '../manifests-folder.ts'
import { MemoryStore } from '../memory-store.ts'
import { runCommand, words, type Ended } from '../run-command.ts'
import { statusInWords } from '../print/status-in-words.ts'

const atGateway = (...shares: readonly string[]): string => gateway + routeAtGateway(...shares)

const storeOf = (...yaml: readonly string[]): MemoryStore =>
  new MemoryStore(objectsOf(yaml.join('')), { namespace: 'shop' })

async function does(store: MemoryStore, line: string): Promise<string> {
  const { code, stdout, stderr }: Ended = await runCommand(words(line), { store })
  assert.equal(code, 0, `${line}\n${stderr}`)
  return stdout
}

test('status shows Services as versions, with their shares, cohorts and ready pods', async () => {
  const store = storeOf(shop, atGateway('catalog-v1'))
  await does(store, 'cohort internal --to v2')
  await does(store, 'weight v2=25')
  assert.equal(
    await does(store, 'status'),
    `catalog in namespace shop, stable is v1
last change 0s ago by alice: weight v1=75,v2=25 (revision 2)

  VERSION       READY   SERVICE      SHARE    COHORTS    WORKLOAD
  v1 (stable)   1/1     catalog-v1   75.0 %   -          Deployment/catalog-v1
  v2            1/1     catalog-v2   25.0 %   internal   Deployment/catalog-v2

  catalog on mesh
    cohort internal → v2  100.0 %  ████████████████████  x-istio-cohort: internal
    everyone else   → v1   75.0 %  ███████████████░░░░░
                      v2   25.0 %  █████░░░░░░░░░░░░░░░
  shop.example.com on istio-system/public
    cohort internal → v2  100.0 %  ████████████████████  x-istio-cohort: internal
    everyone else   → v1   75.0 %  ███████████████░░░░░
                      v2   25.0 %  █████░░░░░░░░░░░░░░░
`,
  )
  assert.match(
    await does(store, 'status catalog-v2 -o wide'),
    /VERSION +READY +SERVICE +SHARE +COHORTS +WORKLOAD\n +v1 \(stable\) +1\/1 +catalog-v1 +75\.0 %/,
  )
  const json = JSON.parse(await does(store, 'status -o json')) as {
    readonly services: readonly { readonly versions: readonly { readonly host?: string }[] }[]
  }
  assert.deepEqual(
    json.services.map(({ versions }) => versions.map(({ host }) => host)),
    [['catalog-v1', 'catalog-v2']],
  )
})

test('status names Services without a version by themselves', async () => {
  const store = storeOf(
    version('blue', 'app: shop, color: blue'),
    version('green', 'app: shop, color: green'),
    atGateway('blue=80', 'green=20'),
  )
  assert.equal(
    await does(store, 'status'),
    `front in namespace shop

  VERSION   READY   SHARE    COHORTS   WORKLOAD
  blue      1/1     80.0 %   -         Deployment/blue
  green     1/1     20.0 %   -         Deployment/green

  shop.example.com on istio-system/public
    everyone → blue   80.0 %  ████████████████░░░░
               green  20.0 %  ████░░░░░░░░░░░░░░░░
`,
  )
})

test('list and cohorts have one line for all Services of an application', async () => {
  const store = storeOf(shop)
  await does(store, 'cohort internal --to v2')
  assert.equal(
    (await does(store, 'list')).replaceAll(/ +/g, ' '),
    'SERVICE STABLE SHARES COHORTS CHANGED BY FINDINGS\ncatalog v1 v1=90,v2=10 internal=v2 0s alice -\n',
  )
  assert.match(await does(store, 'cohorts'), /^SERVICE +COHORT +VERSION.*\ncatalog +internal +v2/)
})

test('what was promoted is taken back, also where nothing but the earlier routes told the versions', async () => {
  const blueGreen = version('blue', 'app: shop, color: blue') + version('green', 'app: shop, color: green')
  for (const store of [storeOf(shop), storeOf(blueGreen, atGateway('blue=90', 'green=10'))]) {
    const routes = (): unknown =>
      store.objects.filter(({ kind }) => kind === 'VirtualService').map(route => Reflect.get(route, 'spec'))
    const before = routes()
    const [stable, canary] = store.objects.some(({ metadata }) => metadata.name === 'blue')
      ? ['blue', 'green']
      : ['v1', 'v2']
    await does(store, `weight ${canary}=50 --stable ${stable}`)
    await does(store, `promote ${canary}`)
    assert.notDeepEqual(routes(), before)
    await does(store, 'undo')
    assert.match(statusInWords(await does(store, 'status')), new RegExp(`${stable} 50 %, ${canary} 50 %`))
    await does(store, 'undo --to-revision 0')
    assert.deepEqual(routes(), before)
  }
})

test('on files the edits keep the layout, and a cohort that is removed leaves the file as it was', async () => {
  using folder = new ManifestsFolder()
  folder.write('services.yaml', apex + v1 + v2)
  const route = `# The catalog.
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog, namespace: shop}
spec:
  hosts: [catalog]
  http:
  - name: items
    timeout: 3s # as the clients wait
    route:
    - destination: {host: catalog-v1}
`
  folder.write('route.yaml', route)
  const on = async (line: string): Promise<void> => {
    const { code, stderr } = await folder.run(`${line} -n shop`)
    assert.equal(code, 0, stderr)
  }
  await on('cohort internal --to v2')
  assert.match(folder.texts()['route.yaml']!, /host: catalog-v2/)
  await on('cohort internal --remove')
  assert.equal(folder.texts()['route.yaml'], route)
  await on('weight v2=10')
  await on('abort')
  assert.equal(folder.texts()['route.yaml'], route)
})

test('init routes Services that are versions at a gateway, and in the mesh where there is a Service to ask for', async () => {
  const bare = storeOf(v1, v2, gateway)
  const refused = await runCommand(words('init catalog --stable v1'), { store: bare })
  assert.equal(refused.code, 3)
  assert.match(
    refused.stderr,
    /there is no Service catalog in namespace shop that callers in the mesh could ask for/,
  )
  await does(bare, 'init catalog --stable v1 --gateway istio-system/public --host shop.example.com')
  await does(bare, 'weight v2=10')
  assert.match(
    statusInWords(await does(bare, 'status')),
    /shop\.example\.com on istio-system\/public\n +everyone → v1 90 %, v2 10 %/,
  )
  const routed = storeOf(apex, v1, v2, atGateway('catalog-v1'))
  await does(routed, 'init catalog --stable v1 --mesh')
  assert.match(statusInWords(await does(routed, 'status')), /catalog on mesh\n +everyone → v1 100 %/)
  assert.deepEqual(
    await does(storeOf(shop), 'init catalog --stable v1').then(text => text.includes('unchanged')),
    true,
  )
})
