/**
 * Writes shared/rules/istio/schema/generated/crd-schemas.ts from the CRDs of the istio.io/api module (pinned in test/cluster/tools/istio/go.mod):
 * node test/rules/schemas/generate-istio.ts
 */
import { writeFile } from 'node:fs/promises'
import { readCrds } from '../../cluster/crds.ts'
import { generatedText, SchemaNodes, type CrdWithSchema } from './compact.ts'

const kinds = [
  'VirtualService',
  'DestinationRule',
  'Gateway',
  'ServiceEntry',
  'Sidecar',
  'WorkloadEntry',
  'WorkloadGroup',
]
const target = new URL('../../../shared/rules/istio/schema/generated/crd-schemas.ts', import.meta.url)

const crds = (await readCrds('istio')) as unknown as readonly CrdWithSchema[]
const schemas = new SchemaNodes()
const roots = Object.fromEntries(
  kinds.map(kind => {
    const crd = crds.find(({ spec }) => spec.group === 'networking.istio.io' && spec.names.kind === kind)
    if (crd === undefined) throw new TypeError(`no CRD for ${kind}`)
    const { properties: { spec = {} } = {}, required = [] } = crd.spec.versions[0]!.schema.openAPIV3Schema
    return [
      kind,
      {
        spec: schemas.add(spec),
        required: required.includes('spec'),
        versions: crd.spec.versions.map(({ name }) => name),
      },
    ]
  }),
)
await writeFile(
  target,
  generatedText(
    { roots, nodes: schemas.nodes },
    { by: 'test/rules/schemas/generate-istio.ts', of: 'istio.io/api' },
  ),
)
process.stdout.write(`${schemas.nodes.length} nodes\n`)
