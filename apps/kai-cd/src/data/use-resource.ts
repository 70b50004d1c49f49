// Something read from the node: loaded when shown, again when its key or `revision` changes and, where asked for, every so often while the page
// is seen. What was read last stays while the node is away.

import { useCallback, useEffect, useState } from "react";

export interface Resource<Value> {
  readonly value: Value | undefined;
  /** Of the newest attempt; the value of an older one may be there too. */
  readonly error: unknown;
  readonly isLoading: boolean;
  reload(): void;
}

interface Loaded<Value> {
  readonly key: string;
  readonly value?: Value;
  readonly error?: unknown;
}

export interface ResourceOptions {
  /** A change loads again and keeps what is shown. */
  readonly revision?: unknown;
  readonly everyMs?: number;
}

/** `load` is taken as it was when `key` changed; whatever it depends on belongs into the key. */
export function useResource<Value>(
  key: string,
  load: (signal: AbortSignal) => Promise<Value>,
  { revision, everyMs }: ResourceOptions = {},
): Resource<Value> {
  const [loaded, setLoaded] = useState<Loaded<Value>>({ key });
  const [asked, setAsked] = useState(0);
  const [isLoading, setLoading] = useState(true);
  const reload = useCallback(() => setAsked((count) => count + 1), []);

  useEffect(() => {
    const stop = new AbortController();
    setLoading(true);
    load(stop.signal).then(
      (value) => {
        if (stop.signal.aborted) return;
        setLoaded({ key, value });
        setLoading(false);
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        setLoaded((before) => (before.key === key ? { ...before, error } : { key, error }));
        setLoading(false);
      },
    );
    return () => stop.abort();
    // oxlint-disable-next-line react/exhaustive-deps -- `load` is a new function at every rendering; the key says when it is another one
  }, [key, revision, asked]);

  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => document.hidden || reload(), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);

  const isSame = loaded.key === key;
  return { value: isSame ? loaded.value : undefined, error: isSame ? loaded.error : undefined, isLoading, reload };
}
