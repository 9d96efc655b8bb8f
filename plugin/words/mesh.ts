import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { DefaultExportTo, MeshOverrides } from '../../shared/view/mesh.ts'
import { checkNamespace } from './names.ts'

/** The mesh's settings as they were typed. */
export interface MeshWords {
  readonly rootNamespace?: string | undefined
  readonly clusterDomain?: string | undefined
  readonly defaultExportTo?: readonly string[]
}

const exporters: Readonly<Record<string, keyof DefaultExportTo>> = {
  'virtual-service': 'virtualService',
  virtualservice: 'virtualService',
  'destination-rule': 'destinationRule',
  destinationrule: 'destinationRule',
  service: 'service',
}

/**
 * The settings: `--default-export-to .` is for all kinds, `--default-export-to destination-rule=.` for one.
 * Throws `usage` for what is no setting.
 */
export function meshOf({ rootNamespace, clusterDomain, defaultExportTo = [] }: MeshWords): MeshOverrides {
  if (rootNamespace !== undefined) checkNamespace(rootNamespace)
  if (clusterDomain !== undefined && !isDomain(clusterDomain))
    throw new CanaryError('usage', `${JSON.stringify(clusterDomain)} is not a valid cluster domain`, {
      hints: ['Use a DNS domain, like cluster.local.'],
    })
  const chosen = defaultExportTo.map(exportToOf)
  return {
    ...(rootNamespace === undefined ? {} : { rootNamespace }),
    ...(clusterDomain === undefined ? {} : { clusterDomain }),
    ...(chosen.length === 0
      ? {}
      : { defaultExportTo: Object.assign({}, ...chosen) as Partial<DefaultExportTo> }),
  }
}

/** Lower-case DNS labels with dots between them. */
export const isDomain = (text: string): boolean =>
  text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text)

function exportToOf(text: string): Partial<DefaultExportTo> {
  const [kind, values] = text.includes('=') ? (text.split('=', 2) as [string, string]) : [undefined, text]
  const keys: readonly (string | undefined)[] =
    kind === undefined ? Object.values(exporters) : [exporters[kind.toLowerCase()]]
  const entries = values
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
  if (keys.includes(undefined) || entries.length === 0) {
    throw new CanaryError('usage', `invalid --default-export-to value "${text}"`, {
      hints: [
        'Use a list like . or *, or one for a kind: destination-rule=. or virtual-service=. or service=.',
      ],
    })
  }
  return Object.fromEntries(keys.map(key => [key, entries])) as Partial<DefaultExportTo>
}
