// The head of a page: its title takes the focus when the page is gone to, so that readers and keys begin there.

import { type ReactNode, useEffect, useRef } from "react";

export interface PageHeadProps {
  readonly title: string;
  /** In the browser's tab, where the title alone says too little. */
  readonly tabTitle?: string;
  readonly children?: ReactNode;
  readonly aside?: ReactNode;
}

export function PageHead({ title, tabTitle = title, children, aside }: PageHeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${tabTitle} · kOS`;
  }, [tabTitle]);
  useEffect(() => {
    // Not at the very first: a page that was just loaded begins at its top.
    if (document.activeElement === null || document.activeElement === document.body) return;
    heading.current?.focus();
  }, []);
  return (
    <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-4 pt-8 pb-6 sm:pt-10">
      <div className="min-w-0 max-w-3xl">
        <h1 ref={heading} tabIndex={-1} className="text-[1.625rem] leading-tight break-words sm:text-[2rem]">
          {title}
        </h1>
        {children !== undefined && <div className="mt-2 text-quiet">{children}</div>}
      </div>
      {aside !== undefined && <div className="flex flex-wrap items-center gap-2">{aside}</div>}
    </div>
  );
}
