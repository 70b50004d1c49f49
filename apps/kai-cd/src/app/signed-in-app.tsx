// The console of a signed-in person: a client with the session's token, the feed of the node, and the page that the address names.

import { useEffect, useMemo } from "react";
import { AgentListPage } from "../agents/agent-list-page.tsx";
import { useStore } from "../data/store.ts";
import { VerifyPage } from "../evidence/verify-page.tsx";
import { follow } from "../live/follow.ts";
import { guardedClient } from "../live/guarded-client.ts";
import { createNodeFeed, FEED_TOPICS } from "../live/node-feed.ts";
import { NewRun } from "../playbooks/new-run.tsx";
import type { Route } from "../routing/route.ts";
import { RunListPage } from "../runs/run-list-page.tsx";
import { RunPage } from "../runs/run-page.tsx";
import { ScheduleListPage } from "../schedules/schedule-list-page.tsx";
import { type SignedIn, SignedInContext, useConsole } from "./console.ts";
import { Shell } from "./shell.tsx";
import { StartPage } from "./start-page.tsx";
import { UnknownPage } from "./unknown-page.tsx";

export function SignedInApp({ token }: { readonly token: string }) {
  const { machine, sessions, router, notices } = useConsole();
  const route = useStore(router.route);
  const signedIn = useMemo<SignedIn>(
    () => ({
      token,
      feed: createNodeFeed(),
      client: guardedClient({ baseUrl: machine.baseUrl, fetch: machine.fetch, token }, sessions.expire),
    }),
    [token, machine, sessions],
  );

  useEffect(() => {
    const stop = new AbortController();
    follow({
      url: machine.socketUrl,
      token,
      topics: FEED_TOPICS,
      createSocket: machine.createSocket,
      pause: machine.pause,
      signal: stop.signal,
      onFrame: signedIn.feed.take,
      onState: signedIn.feed.takeState,
    }).catch((error: unknown) => {
      if ((error as { readonly code?: string }).code === "UNAUTHORIZED") sessions.expire();
      else notices.problem(error instanceof Error ? error.message : String(error));
    });
    return () => stop.abort();
  }, [signedIn, machine, sessions, notices, token]);

  return (
    <SignedInContext value={signedIn}>
      <Shell route={route}>
        <Page route={route} />
      </Shell>
    </SignedInContext>
  );
}

function Page({ route }: { readonly route: Route }) {
  switch (route.page) {
    case "start":
      return <StartPage />;
    case "new":
      return <NewRun key={route.playbook} name={route.playbook} />;
    case "runs":
      return <RunListPage status={route.status} />;
    case "run":
      return <RunPage key={route.planId} route={route} />;
    case "schedules":
      return <ScheduleListPage />;
    case "agents":
      return <AgentListPage />;
    case "verify":
      return <VerifyPage />;
    case "unknown":
      return <UnknownPage />;
  }
}
