const everyMs = 30_000
/** Of the limit that the container has. */
const tight = 0.85

/** Tells when the process has come near the memory that its container may have, each time it gets there. */
export function watchMemory(onTight: () => void, signal: AbortSignal): void {
  const limit = process.constrainedMemory()
  if (limit === 0 || limit > Number.MAX_SAFE_INTEGER) return
  let wasTight = false
  const timer = setInterval(() => {
    const isTight = process.memoryUsage.rss() > limit * tight
    if (isTight && !wasTight) onTight()
    wasTight = isTight
  }, everyMs).unref()
  signal.addEventListener('abort', () => clearInterval(timer))
}
