import { formatKind } from '../objects/kinds.ts'
import { namespaceOf, type KubeObject } from '../objects/kube-object.ts'
import { editText, fixTextOf, isCommand, type FixPlace } from '../rules/fixes/fix-text.ts'
import type { CheckResult } from './check.ts'

/**
 * How what a check found is fixed, by its lines: on a cluster the commands, in files the fields and their values. A
 * command of ours gets the words that name the files.
 */
export function fixLines({ fix, finding }: CheckResult, place: FixPlace): readonly string[] {
  const { sources, fileWords = '' } = place
  if (fix === undefined) return finding === undefined ? [] : fixTextOf(finding, place).split('\n')
  if (sources === undefined) return fix.commands
  if (fix.files !== undefined) return fix.files
  const edits = [
    ...(fix.creates ?? []).map(addition),
    ...(fix.sets ?? []).map(setting => editText(setting, undefined, place)),
  ].filter(text => text !== undefined)
  return [
    ...fix.commands.flatMap(line =>
      line.startsWith('kubectl canary ') ? [`${line} ${fileWords}`.trim()] : isCommand(line) ? [] : [line],
    ),
    ...edits,
  ]
}

const addition = (object: KubeObject): string =>
  `Add ${formatKind(object)} ${namespaceOf(object)}/${object.metadata.name} to the files: ${JSON.stringify(object)}`
