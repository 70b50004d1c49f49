// The mark of kOS: one goal, two ways, as a plan begins.

export function Mark({ className }: { readonly className: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <rect width="32" height="32" rx="7" className="fill-accent" />
      <path d="M10 16h4.5L21 9.5M14.5 16l6.5 6.5" className="stroke-on-accent" strokeWidth="2.2" fill="none" />
      <g className="fill-on-accent">
        <circle cx="9" cy="16" r="3.1" />
        <circle cx="22.5" cy="9" r="3.1" />
        <circle cx="22.5" cy="23" r="3.1" />
      </g>
    </svg>
  );
}
