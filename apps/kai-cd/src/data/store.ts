// A value that can be read, replaced and watched; the only kind of state that outlives a component here.

import { useSyncExternalStore } from "react";

export interface Store<State> {
  get(): State;
  set(next: State): void;
  /** Returns the way to stop. */
  watch(onChange: () => void): () => void;
}

export function createStore<State>(initial: State): Store<State> {
  let state = initial;
  const watchers = new Set<() => void>();
  return {
    get: () => state,
    set(next) {
      if (Object.is(state, next)) return;
      state = next;
      for (const onChange of watchers) onChange();
    },
    watch(onChange) {
      watchers.add(onChange);
      return () => void watchers.delete(onChange);
    },
  };
}

export function useStore<State>(store: Store<State>): State {
  return useSyncExternalStore(store.watch, store.get);
}
