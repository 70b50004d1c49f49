// The palette: every command there is at the moment, found by typing. Also where the keys are written down.

import { type KeyboardEvent, useId, useState } from "react";
import { useConsole } from "../app/console.ts";
import { useStore } from "../data/store.ts";
import { Dialog } from "../ui/dialog.tsx";
import { type Command, keyText } from "./command.ts";
import { matching } from "./matching.ts";

export function Palette({ onClose }: { readonly onClose: () => void }) {
  const { commands } = useConsole();
  const offered = useStore(commands.offered);
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const id = useId();
  const found = matching(offered, text);
  const active = found[Math.min(place, found.length - 1)];
  const optionId = (command: Command) => `${id}-${command.id.replaceAll(/\W/g, "-")}`;

  function run(command: Command): void {
    onClose();
    commands.run(command);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const last = found.length - 1;
    switch (event.key) {
      case "ArrowDown":
        setPlace(place >= last ? 0 : place + 1);
        break;
      case "ArrowUp":
        setPlace(place <= 0 ? last : place - 1);
        break;
      case "Enter":
        if (active !== undefined) run(active);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  return (
    <Dialog title="Commands" onClose={onClose} className="mt-[12vh] max-w-xl">
      <input
        role="combobox"
        aria-label="Find a command"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={active === undefined ? undefined : optionId(active)}
        aria-autocomplete="list"
        autoFocus
        value={text}
        placeholder="Type what you want to do"
        onChange={(event) => {
          setText(event.target.value);
          setPlace(0);
        }}
        onKeyDown={onKeyDown}
        className="field mt-3"
      />
      <ul id={`${id}-list`} role="listbox" aria-label="Commands" className="mt-3 max-h-80 overflow-auto">
        {found.map((command) => (
          <li
            key={command.id}
            id={optionId(command)}
            role="option"
            aria-selected={command === active}
            onClick={() => run(command)}
            onMouseMove={() => setPlace(found.indexOf(command))}
            onKeyDown={() => undefined}
            className={`flex cursor-pointer items-baseline justify-between gap-4 rounded-md px-3 py-2 text-sm ${command === active ? "bg-wash" : ""}`}
          >
            <span>
              <span className="text-quiet">{command.group} · </span>
              {command.label}
            </span>
            {command.altKey !== undefined && (
              <kbd className="rounded border border-line bg-sunk px-1.5 font-mono text-2xs whitespace-nowrap">
                {keyText(command.altKey)}
              </kbd>
            )}
          </li>
        ))}
      </ul>
      <p role="status" className={found.length === 0 ? "px-3 py-2 text-sm text-quiet" : "sr-only"}>
        {found.length === 0 ? "No command is called that." : `${found.length} commands`}
      </p>
    </Dialog>
  );
}
