import { keyOf } from '../../shared/objects/kube-object.ts'
import { formatPath, type Finding } from '../../shared/rules/rule.ts'

/** A finding in two lines: where and what, then what to do about it. */
export const formatFinding = ({ rule, ref, path, message, fix }: Finding): string =>
  `${keyOf(ref)}${path.length > 0 ? ` ${formatPath(path)}` : ''}: ${message} (${rule})\n  ${fix}`
