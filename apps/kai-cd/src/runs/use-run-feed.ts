// The feed of a run for as long as its page is shown.

import { useEffect, useState } from "react";
import { useConsole, useSignedIn } from "../app/console.ts";
import { follow } from "../live/follow.ts";
import { createRunFeed, type RunFeed } from "./run-feed.ts";

export function useRunFeed(planId: string): RunFeed | undefined {
  const { machine, sessions } = useConsole();
  const { client, token } = useSignedIn();
  const [feed, setFeed] = useState<RunFeed>();
  useEffect(() => {
    const after = (ms: number, run: () => void) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    };
    const opened = createRunFeed({ client, planId, after });
    const stop = new AbortController();
    setFeed(opened);
    follow({
      url: machine.socketUrl,
      token,
      topics: [`plan:${planId}`],
      createSocket: machine.createSocket,
      pause: machine.pause,
      signal: stop.signal,
      onFrame: opened.take,
      // What frames do not carry may have changed while the node was away.
      onState: (state) => state === "live" && opened.refresh(),
    }).catch((error: unknown) => {
      if ((error as { readonly code?: string }).code === "UNAUTHORIZED") sessions.expire();
      else opened.fail(error);
    });
    return () => {
      stop.abort();
      opened.close();
    };
  }, [machine, sessions, client, token, planId]);
  return feed;
}
