const checkMs = 30_000
/** The part of the container's limit that counts as high. */
const highPart = 0.85

/** Calls back each time that the process comes near the memory limit of its container. */
export function watchMemory(onHighUsage: () => void, signal: AbortSignal): void {
  const limit = process.constrainedMemory()
  if (limit === 0 || limit > Number.MAX_SAFE_INTEGER) return
  let wasHigh = false
  const timer = setInterval(() => {
    const isHigh = process.memoryUsage.rss() > limit * highPart
    if (isHigh && !wasHigh) onHighUsage()
    wasHigh = isHigh
  }, checkMs).unref()
  signal.addEventListener('abort', () => clearInterval(timer))
}
