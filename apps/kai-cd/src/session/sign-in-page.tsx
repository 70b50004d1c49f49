// Shown to whoever is not signed in: how to get a link, and a place to put it.

import { type FormEvent, useId, useState } from "react";
import { useConsole } from "../app/console.ts";
import { useStore } from "../data/store.ts";
import { Button } from "../ui/button.tsx";
import { CommandLine } from "../ui/empty.tsx";
import { Mark } from "../ui/mark.tsx";
import { ticketIn } from "./session.ts";

export function SignInPage() {
  const { sessions } = useConsole();
  const { notice } = useStore(sessions.session);
  const [link, setLink] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const id = useId();

  async function signIn(event: FormEvent): Promise<void> {
    event.preventDefault();
    const ticket = ticketIn(link);
    if (ticket === undefined) return setProblem("This is not a login link. It ends in #ticket= and a long code.");
    setProblem(undefined);
    setSending(true);
    await sessions.signIn(ticket);
    setSending(false);
  }

  return (
    <main id="main" className="mx-auto grid min-h-dvh max-w-xl content-center px-5 py-12">
      <p className="flex items-center gap-3 font-title text-2xl">
        <Mark className="size-9" /> kOS
      </p>
      <h1 className="mt-8 text-[2rem] leading-tight">Sign in</h1>
      <p className="mt-3 text-quiet">This console belongs to the node on this machine. Its owner signs in with a link from the terminal:</p>
      <p className="mt-3">
        <CommandLine>npx kai login-link</CommandLine>
      </p>
      <p className="mt-3 text-quiet">Open the link it prints. It works once, for two minutes, and there is no password to remember.</p>
      {notice !== undefined && (
        <p role="alert" className="mt-6 rounded-md border-l-4 border-l-wait bg-wait-wash px-4 py-3 text-sm">
          {notice}
        </p>
      )}
      <form onSubmit={(event) => void signIn(event)} noValidate className="mt-8 border-t border-line pt-6">
        <label htmlFor={id} className="font-medium">
          Or paste the link here
        </label>
        <div className="mt-1.5 flex flex-wrap gap-2 sm:flex-nowrap">
          <input
            id={id}
            value={link}
            onChange={(event) => setLink(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            autoCapitalize="off"
            aria-invalid={problem !== undefined}
            aria-describedby={problem === undefined ? undefined : `${id}-problem`}
            className="field font-mono text-[0.875rem]"
          />
          <Button type="submit" looks="lead" disabled={isSending} className="shrink-0 whitespace-nowrap">
            Sign in
          </Button>
        </div>
        {problem !== undefined && (
          <p id={`${id}-problem`} role="alert" className="mt-1.5 text-sm font-medium text-bad">
            {problem}
          </p>
        )}
      </form>
      <p className="mt-8 text-sm text-quiet">
        Without this console: the{" "}
        <a href="/plain" className="text-accent underline">
          plain page
        </a>
        , or <code className="font-mono">npx kai --help</code>.
      </p>
    </main>
  );
}
