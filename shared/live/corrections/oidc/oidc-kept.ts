import { readFile, realpath, rename, stat, writeFile } from 'node:fs/promises'

type Tokens = Readonly<Record<string, string | undefined>>

/**
 * Keeps renewed tokens in the kubeconfig, as kubectl does, since many providers let a refresh token be used
 * only once; upstream forgets them. Tokens stand literally in the file, so that replacing their text leaves
 * everything else in it alone.
 */
export async function keepTokens(kubeconfig: string, old: Tokens, renewed: Tokens): Promise<void> {
  try {
    const file = await realpath(kubeconfig)
    const before = await readFile(file, 'utf8')
    const after = Object.entries(renewed).reduce((text, [key, token]) => {
      const was = old[key]
      return was && token ? replaceScalar(text, was, token) : text
    }, before)
    if (after === before) return
    const draft = `${file}.${Date.now()}.tmp`
    await writeFile(draft, after, { mode: (await stat(file)).mode & 0o777, flag: 'wx' })
    await rename(draft, file)
  } catch {
    // The kubeconfig cannot be written: the renewed token is still valid for this run.
  }
}

const replaceScalar = (text: string, old: string, renewed: string): string =>
  text.replaceAll(
    new RegExp(`(?<=:\\s*["']?)${old.replaceAll(/[^\w]/g, '\\$&')}(?=["'\\s,}]|$)`, 'g'),
    () => renewed,
  )
