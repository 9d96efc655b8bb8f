/**
 * Writes shared/rules/gateway-api/schema/generated/crd-schemas.ts from the CRDs of the sigs.k8s.io/gateway-api module (pinned in
 * test/cluster/tools/gateway-api/go.mod), of the standard channel; of the experimental one only its further values and the names of its further fields:
 * node test/rules/schemas/generate-gateway-api.ts
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { go } from '../../cluster/assets.ts'
import { generatedText, SchemaNodes, type CrdWithSchema, type OpenApi } from './compact.ts'

const kinds = { HTTPRoute: 'httproutes', GRPCRoute: 'grpcroutes', ReferenceGrant: 'referencegrants' }
const target = new URL('../../../shared/rules/gateway-api/schema/generated/crd-schemas.ts', import.meta.url)
const path = 'sigs.k8s.io/gateway-api'
const { Dir } = JSON.parse(await go('gateway-api', 'mod', 'download', '-json', path)) as { Dir: string }

const crdOf = async (channel: string, plural: string): Promise<CrdWithSchema> =>
  parse(
    await readFile(join(Dir, `config/crd/${channel}/gateway.networking.k8s.io_${plural}.yaml`), 'utf8'),
  ) as CrdWithSchema
const schemaOf = ({ spec }: CrdWithSchema): OpenApi => spec.versions[0]!.schema.openAPIV3Schema

const schemas = new SchemaNodes()
const roots: Record<string, object> = {}
for (const [kind, plural] of Object.entries(kinds)) {
  const [standard, experimental] = [await crdOf('standard', plural), await crdOf('experimental', plural)]
  const schema = schemaOf(standard)
  roots[kind] = {
    spec: schemas.add(schema.properties!['spec']!, schemaOf(experimental).properties!['spec']),
    required: schema.required?.includes('spec') ?? false,
    versions: standard.spec.versions.flatMap(({ name, served }) => (served ? [name] : [])),
  }
}
await writeFile(
  target,
  generatedText(
    { roots, nodes: schemas.nodes },
    { by: 'test/rules/schemas/generate-gateway-api.ts', of: path },
  ),
)
process.stdout.write(`${schemas.nodes.length} nodes\n`)
