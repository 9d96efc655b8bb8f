/**
 * Writes shared/rules/apisix/schema/generated/crd-schemas.ts from the CRDs of the ingress controller of APISIX 2, of which
 * test/fixtures/apisix/crds has a copy: node test/rules/schemas/generate-apisix.ts
 */
import { readFile, writeFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { generatedText, SchemaNodes, type CrdWithSchema } from './compact.ts'

const target = new URL('../../../shared/rules/apisix/schema/generated/crd-schemas.ts', import.meta.url)
const source = new URL('../../fixtures/apisix/crds/apisixroutes.yaml', import.meta.url)
const { spec } = parse(await readFile(source, 'utf8')) as CrdWithSchema
const schema = spec.versions[0]!.schema.openAPIV3Schema
// Rules of one name are told by a rule of their own, `duplicate-rule-name`, with a fix.
for (const list of Object.values(schema.properties!['spec']!.properties!))
  Reflect.deleteProperty(list, 'x-kubernetes-list-map-keys')
const schemas = new SchemaNodes()
const roots = {
  [spec.names.kind]: {
    spec: schemas.add(schema.properties!['spec']!),
    required: schema.required?.includes('spec') ?? false,
    versions: spec.versions.flatMap(({ name, served }) => (served ? [name] : [])),
  },
}
await writeFile(
  target,
  generatedText(
    { roots, nodes: schemas.nodes },
    { by: 'test/rules/schemas/generate-apisix.ts', of: 'github.com/apache/apisix-ingress-controller' },
  ),
)
process.stdout.write(`${schemas.nodes.length} nodes\n`)
