// `kai completion`: scripts that let a shell complete commands and options. Made from the table of commands, so they are never out of step.

import type { Command } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { usageError } from "../usage.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
const GLOBAL_OPTIONS = ["--data", "--json", "--help"] as const;

interface Words {
  /** The command words before it, joined by blanks; "" for the first. */
  readonly path: string;
  readonly words: readonly string[];
}

export function completion(commands: readonly Command[]): Command {
  const self: Command = {
    name: "completion",
    group: "This node",
    summary: "print a script that completes commands and options in your shell",
    args: [{ name: "shell", about: SHELLS.join(", ") }],
    examples: [
      ["completion bash >> ~/.bashrc", "bash"],
      ["completion zsh > ~/.zfunc/_kai", "zsh, in a folder of $fpath"],
      ["completion fish > ~/.config/fish/completions/kai.fish", "fish"],
    ],
    async perform(kai, input) {
      const tree = wordsOf([...commands, self]);
      switch (input.args[0]) {
        case "bash":
          kai.terminal.raw(bashScript(tree));
          break;
        case "zsh":
          kai.terminal.raw(`#compdef kai\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(tree)}`);
          break;
        case "fish":
          kai.terminal.raw(fishScript([...commands, self]));
          break;
        default:
          throw usageError(`There is no completion for "${input.args[0] ?? ""}".`, { hint: `There is one for ${SHELLS.join(", ")}.` });
      }
      return EXIT.done;
    },
  };
  return self;
}

function wordsOf(commands: readonly Command[]): readonly Words[] {
  const words = new Map<string, Set<string>>([["", new Set(GLOBAL_OPTIONS)]]);
  const add = (path: string, word: string) => {
    const known = words.get(path) ?? new Set(GLOBAL_OPTIONS);
    words.set(path, known.add(word));
  };
  for (const command of commands) {
    const [first = "", second] = command.name.split(" ");
    add("", first);
    if (second !== undefined) add(first, second);
    for (const option of longOptions(command)) add(command.name, option);
  }
  return [...words].map(([path, known]) => ({ path, words: [...known] }));
}

function longOptions(command: Command): readonly string[] {
  return (command.options ?? []).flatMap(({ flags }) => /--[a-z-]+/.exec(flags) ?? []);
}

function bashScript(tree: readonly Words[]): string {
  const cases = tree.map(({ path, words }) => `    ${path === "" ? '""' : `"${path}"`}) words="${words.join(" ")}" ;;`);
  const groups = tree.filter(({ path }) => path.includes(" ")).map(({ path }) => path.split(" ")[0] ?? "");
  return `_kai() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) ;;
      *)
        case "$path" in
          "") path="$word" ;;
          ${[...new Set(groups)].join("|")}) path="$path $word"; break ;;
          *) break ;;
        esac ;;
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  if [[ "$current" == -* || -z "$path" || "$words" != *--* ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
  fi
}
complete -o filenames -F _kai kai
`;
}

function fishScript(commands: readonly Command[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => {
    const [first = "", second] = command.name.split(" ");
    const isMain = second === undefined;
    const seen = isMain
      ? `__fish_seen_subcommand_from ${first}`
      : `__fish_seen_subcommand_from ${first}; and __fish_seen_subcommand_from ${second}`;
    return [
      isMain
        ? `complete -c kai -n __fish_use_subcommand -a ${first} -d ${quoted(command.summary)}`
        : `complete -c kai -n '__fish_seen_subcommand_from ${first}' -a ${second} -d ${quoted(command.summary)}`,
      ...(command.options ?? []).flatMap(({ flags, about }) => {
        const long = /--([a-z-]+)/.exec(flags)?.[1];
        return long === undefined ? [] : [`complete -c kai -n '${seen}' -l ${long} -d ${quoted(about)}`];
      }),
    ];
  });
  const groups = new Set(commands.filter(({ name }) => name.includes(" ")).map(({ name }) => name.split(" ")[0] ?? ""));
  return [
    ...[...groups].map((group) => `complete -c kai -n __fish_use_subcommand -a ${group}`),
    ...lines,
    "complete -c kai -l data -r -d 'data folder of the node'",
    "complete -c kai -l json -d 'machine-readable output'",
    "",
  ].join("\n");
}
