/** Starts a program in a root folder of its own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

export const namespaces = ['--map-root-user', '--mount', '--pid', '--fork', '--kill-child']

/** What is started, and with what around it. */
export interface Contained {
  readonly words: readonly string[]
  /** All of its environment but the PATH, as `NAME=VALUE`. */
  readonly variables: readonly string[]
  /** The folder that it works in, which is at the same path there. */
  readonly work?: string
  /** Folders of the machine that are seen in the root folder, at these paths, and cannot be changed there. */
  readonly readOnly: Readonly<Record<string, string>>
}

/** Other flags than those that the folder's file system may have are added: in a namespace none may be taken off. */
const mountReadOnly = 'mount --bind "$1" "$0/$2" && mount -o remount,bind,ro,nosuid,nodev "$0/$2"'
const mounts = [
  `while [ "$1" != -- ]; do ${mountReadOnly} && shift 2 || exit; done`,
  'shift && mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && { [ -z "$1" ] || mount --bind "$1" "$0$1"; } && shift && exec env -i "$@"',
].join('\n')

/** The words that start a program in a root folder, which gets /dev and /proc. */
export function contained(
  root: string,
  { words, variables, work = '', readOnly }: Contained,
): readonly string[] {
  for (const path of ['dev', 'proc', work, ...Object.keys(readOnly)])
    mkdirSync(join(root, path), { recursive: true })
  return [
    'unshare',
    ...namespaces,
    'bash',
    '-c',
    mounts,
    root,
    ...Object.entries(readOnly).flatMap(([path, folder]) => [folder, path]),
    '--',
    work,
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    ...variables,
    'chroot',
    root,
    ...words,
  ]
}
