// A thing a person can have done, as data: buttons, keys and the palette offer the same ones and go the same way. What is on the page says
// which commands there are at the moment.

import { useEffect, useRef } from "react";
import { createStore, type Store } from "../data/store.ts";

export interface Command {
  /** `run.cancel`. */
  readonly id: string;
  readonly label: string;
  /** Where it belongs, as the palette groups it. */
  readonly group: string;
  /** The physical key that does it together with Alt: `KeyP`. A key alone would do things to those who dictate. */
  readonly altKey?: string;
  /** Ends or throws away something. */
  readonly isGrave?: boolean;
  perform(): void | Promise<void>;
}

export interface CommandBook {
  readonly offered: Store<readonly Command[]>;
  /** Offers commands; returns the way to take them back. */
  offer(commands: readonly Command[]): () => void;
  /** Errors of a command are told to `onError`, never thrown. */
  run(command: Command): void;
  /** The command of a pressed key. */
  forKey(event: Pick<KeyboardEvent, "altKey" | "ctrlKey" | "metaKey" | "shiftKey" | "code">): Command | undefined;
}

export function createCommandBook(onError: (error: unknown) => void): CommandBook {
  const groups = new Set<readonly Command[]>();
  const offered = createStore<readonly Command[]>([]);
  const publish = () => offered.set([...groups].flat());
  return {
    offered,
    offer(commands) {
      groups.add(commands);
      publish();
      return () => {
        groups.delete(commands);
        publish();
      };
    },
    run(command) {
      (async () => command.perform())().catch(onError);
    },
    forKey({ altKey, ctrlKey, metaKey, shiftKey, code }) {
      if (!altKey || ctrlKey || metaKey || shiftKey) return undefined;
      return offered.get().find((command) => command.altKey === code);
    },
  };
}

/** Offers commands while the component is shown. What is done is always what the newest rendering says. */
export function useCommands(book: CommandBook, commands: readonly Command[]): void {
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  const key = commands.map(({ id, label }) => `${id} ${label}`).join("\n");
  useEffect(
    () =>
      book.offer(commands.map((command) => ({ ...command, perform: () => latest.current.find(({ id }) => id === command.id)?.perform() }))),
    // oxlint-disable-next-line react/exhaustive-deps -- commands are made anew at every rendering; the key says when they are others
    [book, key],
  );
}

/** `Alt P`, as it is written on a key. */
export function keyText(altKey: string): string {
  return `Alt ${altKey.replace(/^(Key|Digit)/, "")}`;
}
