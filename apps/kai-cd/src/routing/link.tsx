// A link within the console.

import type { ReactNode } from "react";
import { formatRoute, type Route } from "./route.ts";

export interface LinkProps {
  readonly to: Route;
  readonly children: ReactNode;
  readonly className?: string;
  readonly isCurrent?: boolean;
  readonly label?: string;
}

export function Link({ to, children, className = "text-accent underline hover:text-accent-strong", isCurrent = false, label }: LinkProps) {
  return (
    <a href={formatRoute(to)} className={className} aria-current={isCurrent ? "page" : undefined} aria-label={label}>
      {children}
    </a>
  );
}
