import { isEqual } from '../../objects/content/equal.ts'
import { keyOf } from '../../objects/kube-object.ts'
import type { RouteNote } from '../../routing/notes/route-note.ts'
import type { Provider, Turn } from '../../routing/provider.ts'
import type { DestinationSettings } from '../../routing/notes/settings.ts'
import type { Change } from '../../view/change.ts'

/**
 * What destinations of a version get that was written for another one: a new destination has all fields of the one that
 * it is copied from, and only a person knows whether they are right for it.
 */
export function copiedSettingsNotes(
  { settingsOf }: Provider,
  { before, after }: Turn,
  changes: readonly Change[],
): readonly RouteNote[] {
  if (settingsOf === undefined) return []
  const found = changes.flatMap(change => {
    if (change.before === undefined || change.after === undefined) return []
    const earlier = settingsOf(before, change.before)
    return settingsOf(after, change.after).flatMap(each => {
      const same = earlier.filter(({ settings }) => isEqual(settings, each.settings))
      const from = same.some(({ version }) => version === each.version) ? undefined : same[0]?.version
      return from === undefined ? [] : [{ ...each, from }]
    })
  })
  return [...Map.groupBy(found, keyOfSettings).values()].map(those => {
    const [{ object, version, from, field, settings }] = those as [(typeof found)[number]]
    const places = those.map(({ place }) => place)
    return {
      kind: 'settings-copied',
      object,
      places,
      version,
      from,
      field,
      settings: JSON.stringify(settings),
    }
  })
}

const keyOfSettings = ({ object, version, settings }: DestinationSettings): string =>
  `${keyOf(object)} ${version} ${JSON.stringify(settings)}`
