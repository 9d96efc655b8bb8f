/**
 * Does work while V8's young generation keeps the size that it has. V8 doubles it, up to 128 MiB, while much of what is
 * made lives on, as the objects of files do; a small one takes no more time here. Code that is loaded meanwhile is
 * compiled anew. Where there is no such setting (another engine than V8), the work is done without it.
 */
export async function inSteadyYoungGeneration<T>(work: () => T | Promise<T>): Promise<T> {
  const { setFlagsFromString } = await import('node:v8')
  const set = (factor: number): void => {
    try {
      setFlagsFromString(`--semi-space-growth-factor=${factor}`)
    } catch {
      // Bun has the function, and says that it does nothing.
    }
  }
  set(1)
  try {
    return await work()
  } finally {
    // As it was: V8 takes compiled code from other runs only under the flags that it was compiled under.
    set(usual)
  }
}

/** V8's own factor. */
const usual = 2
