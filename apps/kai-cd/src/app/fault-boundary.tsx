// What is left when a part of the page breaks: words and a way on, instead of a white page. React asks for a class here.

import { Component, type ReactNode } from "react";
import { Button } from "../ui/button.tsx";

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly fault: string | undefined;
}

export class FaultBoundary extends Component<Props, State> {
  override state: State = { fault: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { fault: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.fault === undefined) return this.props.children;
    return (
      <main className="mx-auto max-w-xl px-5 py-16">
        <h1 className="text-2xl">This page has broken</h1>
        <p className="mt-3 text-quiet">
          What runs on the node is not touched by it. Load the page again; if it breaks again, the plain page still works.
        </p>
        <p className="mt-3 font-mono text-sm break-words">{this.state.fault}</p>
        <p className="mt-6 flex items-center gap-4">
          <Button looks="lead" onClick={() => location.reload()}>
            Load again
          </Button>
          <a href="/plain" className="text-accent underline">
            Plain page
          </a>
        </p>
      </main>
    );
  }
}
