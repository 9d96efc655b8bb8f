import { type Command, Option } from 'commander'
import { routingApis } from '../words/routing-api.ts'
import { completed, namespaces, oneOf } from './completed.ts'

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

/** What no ConfigMap says, or what is to be judged as if it said so. */
export function declareMeshFlags(program: Command): void {
  program.optionsGroup('Mesh:')
  const options = [
    [
      '--cluster-domain <domain>',
      'the DNS domain of the cluster (default: cluster.local)',
      oneOf('cluster.local'),
    ],
    [
      '--root-namespace <name>',
      "the mesh's root namespace (default: as in Istio's ConfigMap, else istio-system)",
      namespaces,
    ],
  ] as const
  for (const [flags, about, source] of options) program.addOption(completed(new Option(flags, about), source))
  const about = "the mesh's default exportTo, like . or destination-rule=. (repeatable)"
  const exportTo = new Option('--default-export-to <list>', about).argParser(collect).default([])
  const kinds = ['virtual-service', 'destination-rule', 'service'].map(kind => `${kind}=.`)
  program.addOption(completed(exportTo, oneOf('.', '*', ...kinds)))
  const which = `the routing API to use: ${[routingApis.slice(0, -1).join(', '), routingApis.at(-1)].join(' or ')} (default: the one that routes the Service)`
  program.addOption(completed(new Option('--provider <name>', which), oneOf(...routingApis)))
}
