// What the processes of the crawl bench tell each other.

export interface SiteOrder {
  /** Forgets who asked for what. */
  readonly kind: "reset" | "asked";
}

export type SiteAnswer =
  | { readonly kind: "ready"; readonly port: number }
  | { readonly kind: "asked"; readonly paths: Readonly<Record<string, number>> };

export interface WalkResult {
  readonly pages: number;
  readonly elapsedMs: number;
  /** The most memory the process has held, in MB. */
  readonly peakMb: number;
}
