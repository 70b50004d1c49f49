// Signed in or not.

import { useStore } from "../data/store.ts";
import { SignInPage } from "../session/sign-in-page.tsx";
import { useConsole } from "./console.ts";
import { SignedInApp } from "./signed-in-app.tsx";

export function App() {
  const { sessions } = useConsole();
  const { token } = useStore(sessions.session);
  return token === undefined ? <SignInPage /> : <SignedInApp key={token} token={token} />;
}
