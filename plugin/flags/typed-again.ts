import { fileWordsOf } from './argv.ts'

/** What a person said of where and by which routing API, as a command of a hint has to say it again. */
export interface SaidBefore {
  readonly files: readonly string[]
  readonly kustomization?: string | undefined
  readonly provider?: string | undefined
}

/** The verbs that take `-f` and `-k`. */
export const verbsOnFiles: ReadonlySet<string> = new Set([
  'init',
  'cohort',
  'weight',
  'mirror',
  'promote',
  'abort',
  'cleanup',
  'list',
  'status',
  'doctor',
  'try',
  'cohorts',
  'lint',
  'pause',
  'resume',
  'retry',
])

/** The verbs that take `--provider`. */
export const verbsOfApis: ReadonlySet<string> = new Set([...verbsOnFiles, 'undo', 'history', 'run', 'wait'])

/**
 * A text whose commands of ours are about the same files and the same routing API as the one that was typed: each gets the
 * flags that it lacks, behind it where it ends the line, else behind its verb. One that is for the cluster stays as it is.
 */
export function typedAgain(text: string, said: SaidBefore): string {
  const files = fileWordsOf(said)
  if (files === '' && said.provider === undefined) return text
  return text
    .split('\n')
    .map(line => {
      const cluster = forCluster.exec(line)?.index ?? line.length
      const meant = withoutApi.test(line) ? { ...said, provider: undefined } : said
      return lineAgain(line.slice(0, cluster), meant, files) + line.slice(cluster)
    })
    .join('\n')
}

/** What a line says before a command that is for the cluster: what cannot be done in files. */
const forCluster = /\bon (?:the|your) cluster\b/i

/** What a line says before a command without the routing API that was chosen. */
const withoutApi = /\bleave out --provider\b/i

const lineAgain = (line: string, said: SaidBefore, files: string): string =>
  line.replaceAll(
    /kubectl canary ([a-z]+)((?:(?!kubectl canary ).)*)/g,
    (whole: string, verb: string, rest: string) => {
      const isOnFiles = /(?:^| )(?:-f|-k|--filename|--kustomize)[ =]/.test(rest)
      const more = [
        ...(files !== '' && verbsOnFiles.has(verb) && !isOnFiles ? [files] : []),
        ...(said.provider !== undefined && verbsOfApis.has(verb) && !rest.includes('--provider')
          ? [`--provider ${said.provider}`]
          : []),
      ].join(' ')
      if (more === '') return whole
      return endsWithCommand(rest)
        ? `kubectl canary ${verb}${rest} ${more}`
        : `kubectl canary ${verb} ${more}${rest}`
    },
  )

/** Whether nothing but a command is in the rest of a line: no sentence continues or ends behind it. */
const endsWithCommand = (rest: string): boolean =>
  !/[.,;:)](?: |$)| (?:shows?|says?|that|which|and|or|to) |\($/.test(rest) && rest === rest.trimEnd()
