// The address bar as a store: what is shown follows it, and going somewhere changes it.

import { createStore, type Store } from "../data/store.ts";
import { formatRoute, parseRoute, type Route } from "./route.ts";

export interface Router {
  readonly route: Store<Route>;
  go(route: Route): void;
  /** Without a step to go back to: for what is chosen within a page. */
  replace(route: Route): void;
}

export function createRouter(target: Window): Router {
  const route = createStore(parseRoute(target.location.hash));
  const read = () => route.set(parseRoute(target.location.hash));
  target.addEventListener("hashchange", read);
  target.addEventListener("popstate", read);
  return {
    route,
    go(next) {
      target.location.hash = formatRoute(next);
    },
    replace(next) {
      target.history.replaceState(null, "", formatRoute(next));
      read();
    },
  };
}
