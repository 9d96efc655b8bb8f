import { formatPosition, type Skipped } from '../view/sources.ts'
import type { FileSources } from './file-sources.ts'
import { placeOf } from './manifest.ts'
import type { Manifests } from './read-manifests.ts'

/** What a person should know of what was read: sentences, one for all of a kind. */
export const notesOn = (manifests: Manifests, paths: readonly string[]): readonly string[] => [
  ...(manifests.objects.length === 0 ? nothingIn(manifests, paths) : templates(manifests.skipped)),
  ...unfilled(manifests),
  ...manifests.notes,
]

/** A person who mistypes a path should not be told what his Services lack. */
function nothingIn({ skipped }: Manifests, paths: readonly string[]): readonly string[] {
  const [templates, others] = [countOf(skipped, 'template'), countOf(skipped, 'other-kind')]
  if (skipped.some(({ why }) => why === 'broken')) return []
  const where = paths.map(path => (path === '-' ? 'standard input' : path)).join(', ')
  const said = [
    ...(templates === 0 ? [] : [`${documents(templates)} with templates`]),
    ...(others === 0 ? [] : [`${documents(others)} of other kinds or none`]),
  ]
  return [
    `No Service, workload or routing object was found in ${where}${said.length === 0 ? '' : `, only ${said.join(' and ')}`}.${templates === 0 ? '' : renderFirst}`,
  ]
}

const renderFirst = ' Render templates first, as with helm template or envsubst.'

function templates(skipped: readonly Skipped[]): readonly string[] {
  const found = skipped.filter(({ why }) => why === 'template')
  const [first] = found
  if (first === undefined) return []
  return [
    `${documents(found.length)} skipped, because of templates such as in ${formatSkippedPlace(first)}.${renderFirst}`,
  ]
}

function unfilled({ objects }: Manifests): readonly string[] {
  const open = objects.filter(({ placeholders }) => placeholders.length > 0)
  const [first] = open
  if (first === undefined) return []
  const place = formatPosition(placeOf(first.document.file, first.document.section.start))
  const many = `${open.length} object${open.length === 1 ? ' contains' : 's contain'} placeholders`
  return [
    `${many} such as \`${first.placeholders[0]!.texts[0]}\` (${place}). What depends on them is not judged; fill them in first.`,
  ]
}

const countOf = (skipped: readonly Skipped[], why: Skipped['why']): number =>
  skipped.filter(one => one.why === why).length
const documents = (count: number): string => `${count} document${count === 1 ? '' : 's'}`
const formatSkippedPlace = ({ file, line }: Skipped): string =>
  line === undefined ? file : `${file}:${line}`

/** One line on the objects that are defined more than once. */
export function repetitions({ repeated }: FileSources): readonly string[] {
  const [first, ...others] = repeated
  if (first === undefined) return []
  const [key, objects] = first
  const places = objects.map(({ document: { file, section } }) =>
    formatPosition(placeOf(file, section.start)),
  )
  const more =
    others.length === 0
      ? ''
      : `, and ${others.length} other object${others.length === 1 ? ' is' : 's are'} as well`
  return [
    `${key} is defined ${objects.length} times (${places.join(', ')})${more}: the last definition is used. Name one folder or file with -f to use another.`,
  ]
}
