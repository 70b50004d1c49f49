// Where `/ws` gets its frames: durable ones from the log, transient ones as they happen.

import type { ServerFrame } from "@kos/api";

export interface FrameSubscription {
  readonly tenant: string;
  readonly topics: readonly string[];
  /** Cursor of the last durable frame the client has; undefined: a plan from its first event, other topics from now on. */
  readonly since: string | undefined;
  /** Called in order. Durable frames come without gap or repeat within the subscription; transient ones may be dropped. */
  readonly deliver: (frame: ServerFrame) => void;
  /** The source cannot go on (a cursor that is not one of ours, a topic the tenant may not see). Called at most once. */
  readonly fail: (error: unknown) => void;
}

export interface FrameSource {
  /** Returns the way to stop. */
  subscribe(subscription: FrameSubscription): () => void;
}
