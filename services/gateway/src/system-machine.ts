// What the gateway takes from the machine when nothing else is injected: its timer, and one short look at a port of this machine.

/** The system's timer. It does not keep the process alive. */
export function systemAfter(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

/** What answers at a port of this machine, as JSON; undefined when nothing does so in time. */
export async function probeJson(port: number, path: string, timeoutMs: number): Promise<unknown> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(timeoutMs), redirect: "error" });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined; // Nobody there, or somebody who speaks something else.
  }
}
