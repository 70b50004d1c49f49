// A JSON value as text: inert, whatever is in it.

const MOST_CHARACTERS = 20_000;

export function JsonBlock({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = JSON.stringify(value, undefined, 2) ?? "nothing";
  const isCut = text.length > MOST_CHARACTERS;
  return (
    <pre
      // It scrolls, so keys must be able to reach it.
      tabIndex={0}
      role="region"
      aria-label={label}
      className="max-h-80 overflow-auto rounded-md border border-line bg-sunk p-3 font-mono text-[0.8125rem] leading-relaxed break-words whitespace-pre-wrap"
    >
      {isCut ? `${text.slice(0, MOST_CHARACTERS)}\n… ${text.length - MOST_CHARACTERS} more characters` : text}
    </pre>
  );
}
