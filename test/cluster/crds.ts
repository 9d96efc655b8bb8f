/** The custom resource definitions of real projects, read from the folders of their own Go modules. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { cacheFolder, go, madeOnce } from './assets.ts'

/** As much of a CustomResourceDefinition as the tests look at. */
export interface Crd {
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string }
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

/** The sets that a cluster can start with. */
export type CrdSet = ModuleSet | FixtureSet

/** Those of Go modules. */
type ModuleSet =
  | 'istio'
  | 'gateway-api'
  | 'gateway-api-v1.1'
  | 'gateway-api-v1.3'
  | 'cert-manager'
  | 'prometheus-operator'
  | 'contour'

/** Those of test/fixtures: `apisix` of the controller 2.x, `apisix-1` of 1.x; `controllers` of Argo Rollouts and Flagger. */
type FixtureSet = 'apisix' | 'apisix-1' | 'controllers'

const fixtures: Readonly<Record<FixtureSet, string>> = {
  apisix: 'apisix/crds',
  'apisix-1': 'apisix/crds-1',
  controllers: 'controllers/crds',
}

const isFixture = (set: CrdSet): set is FixtureSet => Object.hasOwn(fixtures, set)

/** Where a module keeps them, and those that are wanted if not all: half a megabyte each takes the API server its time. */
const modules: Record<
  ModuleSet,
  { readonly path: string; readonly folder: string; readonly wanted?: RegExp }
> = {
  istio: { path: 'istio.io/api', folder: 'kubernetes' },
  'gateway-api': { path: 'sigs.k8s.io/gateway-api', folder: 'config/crd/standard' },
  'gateway-api-v1.1': { path: 'sigs.k8s.io/gateway-api', folder: 'config/crd/standard' },
  'gateway-api-v1.3': { path: 'sigs.k8s.io/gateway-api', folder: 'config/crd/standard' },
  'cert-manager': {
    path: 'github.com/cert-manager/cert-manager',
    folder: 'deploy/crds',
    wanted: /_(certificates|issuers)\.yaml$/,
  },
  'prometheus-operator': {
    path: 'github.com/prometheus-operator/prometheus-operator',
    folder: 'example/prometheus-operator-crd',
    wanted: /_(servicemonitors|podmonitors|prometheusrules)\.yaml$/,
  },
  contour: {
    path: 'github.com/projectcontour/contour',
    folder: 'examples/contour',
    wanted: /-crds\.yaml$/,
  },
}

/** The definitions of one set, kept as JSON beside the programs: a megabyte of YAML takes half a second to parse. */
export async function readCrds(set: CrdSet): Promise<readonly Crd[]> {
  if (isFixture(set)) return crdsIn(join(import.meta.dirname, '..', 'fixtures', fixtures[set]), /\.yaml$/)
  const folder = await cacheFolder(set)
  await mkdir(folder, { recursive: true })
  // Another choice of them is another file.
  const choice = createHash('sha256').update(String(modules[set].wanted)).digest('hex').slice(0, 8)
  const file = await madeOnce(join(folder, `crds-${choice}.json`), async draft =>
    writeFile(draft, JSON.stringify(await crdsOfModule(set))),
  )
  return JSON.parse(await readFile(file, 'utf8')) as Crd[]
}

async function crdsOfModule(set: ModuleSet): Promise<readonly Crd[]> {
  const { path, folder, wanted = /\.yaml$/ } = modules[set]
  const { Dir } = JSON.parse(await go(set, 'mod', 'download', '-json', path)) as { Dir: string }
  return crdsIn(join(Dir, folder), wanted)
}

async function crdsIn(folder: string, wanted: RegExp): Promise<readonly Crd[]> {
  const files = (await readdir(folder)).filter(name => wanted.test(name)).sort()
  const texts = await Promise.all(files.map(name => readFile(join(folder, name), 'utf8')))
  const objects = texts.flatMap(text =>
    [...parseAllDocuments(text)].map(document => document.toJS() as Crd | null),
  )
  return objects.flatMap(object => (object?.kind === 'CustomResourceDefinition' ? [object] : []))
}
