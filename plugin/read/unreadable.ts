import { CanaryError } from '../../shared/objects/canary-error.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import { formatPath } from '../../shared/objects/paths.ts'
import { overlay } from '../../shared/view/overlay.ts'
import type { Reading } from '../../shared/view/store.ts'
import { formatPosition, type Skipped, type Sources } from '../../shared/view/sources.ts'

/**
 * The reading with a note on each document that cannot be read, for a command that does without it. Throws
 * `unreadable` where nothing else was found.
 */
export function besideUnreadable(reading: Reading): Reading {
  const { sources, notes } = reading
  if (sources === undefined) return reading
  const broken = sources.skipped.filter(({ why }) => why === 'broken')
  const [first] = broken
  if (first !== undefined && sources.count === 0)
    throw new CanaryError('unreadable', `${placeOf(first)}: ${first.reason}`, {
      hints: [...(first.fix === undefined ? [] : [first.fix]), 'No other objects were found.'],
    })
  return withoutUnusable({
    ...reading,
    notes: [
      ...broken.map(one => `${placeOf(one)}: skipped: ${one.reason}`),
      ...sources.unquoted.map(one => unquotedNote(one, sources)),
      ...notes,
    ],
  })
}

/** A label that is no text is none: `version: 1.9` without quotes. */
function unquotedNote({ ref, path, value }: Sources['unquoted'][number], sources: Sources): string {
  const position = sources.positionOf(ref, path)
  const place = position === undefined ? '' : `${formatPosition(position)}: `
  return `${place}${formatPath(path)} of ${ref.kind} ${ref.name} must be a string, but ${value} is a ${typeof value}; quote it`
}

/** An object that no API server takes is not there. */
function withoutUnusable(reading: Reading): Reading {
  const { sources, view, notes } = reading
  const unusable = sources?.unusable.filter(({ ref }) => view.get(ref) !== undefined) ?? []
  if (unusable.length === 0) return reading
  const said = unusable.map(({ ref, path }) => {
    const position = sources?.positionOf(ref, path)
    return `${position === undefined ? '' : `${formatPosition(position)}: `}skipped: ${formatPath(path)} of ${keyOf(ref)} is null`
  })
  const changes = unusable.map(({ ref }) => ({ before: view.get(ref)! }))
  return { ...reading, view: overlay(view, changes), notes: [...said, ...notes] }
}

const placeOf = ({ file, line, column }: Skipped): string =>
  `${file}${line === undefined ? '' : `:${line}:${column}`}`
