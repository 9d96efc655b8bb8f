import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import { loadText } from './load-text.ts'
import { planInOneFile } from '../plan-file.ts'
import { kebab, type RunFlags } from '../run-flags.ts'

/** Where the Job finds the files of its command. */
export const filesFolder = '/etc/kubectl-canary'

/** The environment variable with the UID of the Job, which all its pods have in common. */
export const uidVariable = 'JOB_UID'

/** The command line of a Job, and the files that it names, by their names below {@link filesFolder}. */
export interface JobCommand {
  readonly words: readonly string[]
  readonly files: Readonly<Record<string, string>>
}

/** The flags that the command of the Job does not have, or has with another value, see {@link jobCommand}. */
const notCopied: readonly (keyof RunFlags)[] = [
  'asJob',
  'image',
  'report',
  'service',
  'plan',
  'hookTemplate',
  'prometheus',
]

/** The flags that cannot be used with `--as-job`, each with what to do. */
const refused: Partial<Record<keyof RunFlags, string>> = {
  simulate: 'A simulation needs no cluster; leave one of them out.',
  resume: 'A Job continues the run that it began by itself; leave one of them out.',
  continue: 'A Job continues the run that it began by itself; leave one of them out.',
  confirm: 'A Job has no terminal; use --gate URL, or --promote confirm.',
  prometheusTokenFile: ofThisMachine(),
  prometheusBasicAuthFile: ofThisMachine(),
  prometheusCertificateAuthority: ofThisMachine(),
}

function ofThisMachine(): string {
  return 'The file is on this machine, and the Job prints as text. Name a Prometheus that the pod reaches without it.'
}

/** The image of the Job. Throws `usage` without one, and for flags that a Job cannot have. */
export function imageOf(flags: RunFlags): string {
  for (const [key, hint] of Object.entries(refused))
    if (flags[key as keyof RunFlags] !== undefined)
      throw new CanaryError('usage', `--${kebab(key)} cannot be used with --as-job`, { hints: [hint] })
  if (flags.image !== undefined) return flags.image
  throw new CanaryError('usage', '--as-job needs --image', {
    hints: [
      'Name the image of the guard, which has this program, too: --image REGISTRY/canary-guard:VERSION',
    ],
  })
}

/** What the container runs. Throws a CanaryError for a file that cannot be read. */
export async function jobCommand(
  flags: RunFlags,
  target: {
    readonly service: string
    readonly namespace: string
    readonly version: string
    /** The Prometheus that the pod asks. */
    readonly prometheus: string | undefined
    /** The flags that all commands have, as they were typed. */
    readonly shared: Readonly<Record<string, unknown>>
  },
): Promise<JobCommand> {
  const files: Record<string, string> = {}
  const asFile = async (
    path: string | undefined,
    name: string,
    load = loadText,
  ): Promise<string | undefined> => {
    if (path === undefined) return undefined
    files[name] = await load(path)
    return `${filesFolder}/${name}`
  }
  const own = Object.fromEntries(Object.entries(flags).filter(([key]) => !notCopied.some(one => one === key)))
  const { service, namespace, version, prometheus, shared } = target
  const named = {
    namespace,
    ...own,
    plan: await asFile(flags.plan, 'plan.yaml', planInOneFile),
    hookTemplate: await asFile(flags.hookTemplate, 'hook-template'),
    prometheus,
    ...shared,
  }
  return { words: ['run', service, version, ...flagWords(named), `--continue=$(${uidVariable})`], files }
}

/** Flags as they are typed, each in one word, so that no value is treated as a flag. */
const flagWords = (flags: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(flags).flatMap(([key, value]) => {
    if (value === undefined || value === false) return []
    if (value === true) return [`--${kebab(key)}`]
    const values = Array.isArray(value) ? (value as readonly unknown[]) : [value]
    return values.map(one => `--${kebab(key)}=${escapedForPod(one as string)}`)
  })

/** Kubernetes puts variables where `$(NAME)` is written. */
const escapedForPod = (text: string): string => text.replaceAll('$(', '$$$$(')
