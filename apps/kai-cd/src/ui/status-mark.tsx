// The state of a plan, a task or an agent as a mark: told apart by its shape as well as by its colour. The words stand beside it.

import { statusLook } from "./status-look.ts";

export function StatusMark({ status, className = "size-4" }: { readonly status: string; readonly className?: string }) {
  const { shape, color } = statusLook(status);
  return (
    <svg
      viewBox="0 0 16 16"
      className={`${className} ${color} shrink-0`}
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <Shape shape={shape} />
    </svg>
  );
}

function Shape({ shape }: { readonly shape: ReturnType<typeof statusLook>["shape"] }) {
  switch (shape) {
    case "hollow":
      return <circle cx="8" cy="8" r="5.6" strokeDasharray="2.2 2.2" />;
    case "ring":
      return <circle cx="8" cy="8" r="5.6" />;
    case "turning":
      return (
        <>
          <circle cx="8" cy="8" r="5.6" opacity="0.3" />
          <path d="M8 2.4a5.6 5.6 0 0 1 5.6 5.6" className="origin-center animate-turn" />
        </>
      );
    case "check":
      return (
        <>
          <circle cx="8" cy="8" r="6.4" fill="currentColor" stroke="none" />
          <path d="m5.2 8.2 2 2 3.7-4.1" className="stroke-panel" />
        </>
      );
    case "cross":
      return (
        <>
          <path d="M5.4 1.6h5.2l3.8 3.8v5.2l-3.8 3.8H5.4l-3.8-3.8V5.4z" fill="currentColor" stroke="none" />
          <path d="m5.9 5.9 4.2 4.2m0-4.2-4.2 4.2" className="stroke-panel" />
        </>
      );
    case "person":
      return (
        <>
          <circle cx="8" cy="8" r="6.4" fill="currentColor" stroke="none" />
          <path d="M6.3 6.2a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.9.6-.9 1.2M8 11.4v.05" className="stroke-panel" />
        </>
      );
    case "doubt":
      return (
        <>
          <path d="M8 .9 15.1 8 8 15.1.9 8z" fill="currentColor" stroke="none" />
          <path d="M8 4.6v4M8 11v.05" className="stroke-panel" />
        </>
      );
    case "slash":
      return <path d="M12 4 4 12M8 2.4a5.6 5.6 0 1 0 0 11.2A5.6 5.6 0 0 0 8 2.4" />;
    case "bars":
      return <path d="M5.6 4v8M10.4 4v8" strokeWidth="2.2" />;
    case "square":
      return <rect x="3.2" y="3.2" width="9.6" height="9.6" rx="1.5" />;
  }
}

export function StatusText({ status }: { readonly status: string }) {
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap text-sm font-medium ${statusLook(status).color}`}>
      <StatusMark status={status} />
      {statusLook(status).words}
    </span>
  );
}
