import { formatPath } from '../../shared/objects/paths.ts'
import type { Finding } from '../../shared/rules/rule.ts'
import { merged } from '../../shared/view/change.ts'
import type { Reading, Store } from '../../shared/view/store.ts'
import { preFlight, type Judged, type PreFlightOptions } from './pre-flight.ts'

/** An edit to judge, and what is told meanwhile. */
interface EditToJudge extends PreFlightOptions {
  /** It is printed, and no file is edited. */
  readonly isPrinted?: boolean
  readonly report?: (progress: { readonly kind: 'read'; readonly notes: readonly string[] }) => void
}

/** Judges an edit by the rules, and one of files also as the kustomizations that take them are built. */
export async function judgeEdit(store: Store, reading: Reading, edit: EditToJudge): Promise<Judged> {
  const { changes, now, force = false, isPrinted = false, report } = edit
  const judged = await preFlight(reading, { changes, now, force })
  if (reading.live || isPrinted || judged.refused.length > 0) return judged
  const { refused, notes } = await judgeBuilds(store, { changes, now, force })
  report?.({ kind: 'read', notes })
  return refused.length > 0 ? { refused, warnings: [] } : judged
}

/** What the rules say of the kustomizations that take the edited files. */
interface JudgedBuilds {
  /** Errors that the edit would introduce, each once, with the kustomizations that would have it. */
  readonly refused: readonly Finding[]
  readonly notes: readonly string[]
}

/**
 * Judges an edit of files by the kustomizations that take them: a patch of an overlay may not fit any more. What
 * is wrong there without the edit is not told.
 */
async function judgeBuilds(store: Store, options: PreFlightOptions): Promise<JudgedBuilds> {
  const changes = merged(options.changes)
  if (store.builtChanges === undefined || changes.length === 0) return { refused: [], notes: [] }
  const { builds, notes } = await store.builtChanges(changes)
  const found: FoundInBuild[] = []
  for (const { name, reading, changes: built } of builds) {
    const { refused } = await preFlight(reading, { ...options, changes: built })
    found.push(...refused.map(finding => ({ name, finding })))
  }
  const alike = Map.groupBy(found, ({ finding }) => faultOf(finding))
  return { refused: [...alike.values()].map(withNames), notes }
}

interface FoundInBuild {
  readonly name: string
  readonly finding: Finding
}

/** Overlays of one base differ in namespaces and names. */
const faultOf = ({ rule, ref, path }: Finding): string => `${rule} ${ref.kind} ${formatPath(path)}`

function withNames(found: readonly FoundInBuild[]): Finding {
  const [{ finding }] = found as readonly [FoundInBuild]
  const names = [...new Set(found.map(({ name }) => name))]
  const more = names.length === 1 ? '' : ` and ${names.length - 1} more`
  return { ...finding, message: `in kustomization ${names[0]}${more}: ${finding.message}` }
}
