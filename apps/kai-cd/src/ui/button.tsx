// Buttons: one that leads on, plain ones, and grave ones that end something. A command's button shows the command's own words and key.

import type { ButtonHTMLAttributes, ReactNode } from "react";
import { useConsole } from "../app/console.ts";
import { type Command, keyText } from "../commands/command.ts";

const LOOKS = {
  lead: "border-accent bg-accent text-on-accent hover:border-accent-strong hover:bg-accent-strong",
  plain: "border-edge bg-panel text-ink hover:border-ink hover:bg-sunk",
  grave: "border-edge bg-panel text-bad hover:border-bad hover:bg-bad-wash",
  quiet: "border-transparent bg-transparent text-quiet hover:bg-sunk hover:text-ink",
} as const;

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly looks?: keyof typeof LOOKS;
  readonly children: ReactNode;
}

export function Button({ looks = "plain", children, className = "", type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={`inline-flex min-h-10 max-w-full items-center justify-center gap-2 rounded-md border wrap-anywhere px-3.5 py-1.5 text-sm font-medium transition-colors disabled:opacity-55 ${LOOKS[looks]} ${className}`}
      {...rest}
    >
      {children}
    </button>
  );
}

export function CommandButton({ command, looks }: { readonly command: Command; readonly looks?: ButtonProps["looks"] }) {
  const { commands } = useConsole();
  return (
    <Button
      looks={looks ?? (command.isGrave === true ? "grave" : "plain")}
      onClick={() => commands.run(command)}
      aria-keyshortcuts={command.altKey === undefined ? undefined : keyText(command.altKey).replace(" ", "+")}
      title={command.altKey === undefined ? undefined : keyText(command.altKey)}
    >
      {command.label}
    </Button>
  );
}
