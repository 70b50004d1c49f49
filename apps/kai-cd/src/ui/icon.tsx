// Small signs of buttons. The button says in words what it does.

const PATHS = {
  close: "m4 4 8 8m0-8-8 8",
  less: "M3.5 8h9",
  more: "M3.5 8h9M8 3.5v9",
  fit: "M2 6V2h4m4 0h4v4m0 4v4h-4m-4 0H2v-4",
} as const;

export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg
      viewBox="0 0 16 16"
      className="size-3.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.7"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
