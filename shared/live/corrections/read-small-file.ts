import { readFileSync, statSync } from 'node:fs'

/**
 * The text of a small file. A file is read at once: to wait for so little, Node starts four threads. A pipe
 * (`--kubeconfig <(…)`) is waited for, as whoever writes into it may take long.
 */
export async function readSmallFile(path: string): Promise<string> {
  if (statSync(path).isFile()) return readFileSync(path, 'utf8')
  const { readText } = await import('../../files/read-text.ts')
  return readText(path)
}
