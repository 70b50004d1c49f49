// The blobs port: bytes under their own hash. It knows no names, owners or media types; those are rows of whoever put the bytes here.

/** `sha256:<hex>` of the bytes, and how many there are. */
export interface BlobInfo {
  readonly hash: string;
  readonly bytes: number;
}

export interface PutOptions {
  /** More than this is refused with TOO_LARGE and leaves nothing behind. Default: no bound. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface GetOptions {
  /** A larger blob is refused with TOO_LARGE before it is read. Default: no bound. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export interface StreamOptions {
  /** First byte wanted; default 0. */
  readonly start?: number;
  /** The byte after the last one wanted; default and at most the size. */
  readonly end?: number;
  readonly signal?: AbortSignal;
}

/** A blob or a part of it on its way out. */
export interface BlobStream {
  /** Size of the whole blob. */
  readonly bytes: number;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** To be read once. What it holds open is released when reading ends, also early. */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface BlobSweep {
  /** False when there was none, or when the same bytes were put since the sweep began or shortly before. */
  delete(hash: string): Promise<boolean>;
}

/**
 * Every method but `list` takes and gives hashes as `sha256:<hex>` and refuses other text with BAD_REQUEST, so a hash can never be a path.
 * Errors common to all: UNAVAILABLE (the medium failed), CANCELLED (the signal; `cause` is its reason).
 */
export interface Blobs extends AsyncDisposable {
  /** Durable when it resolves; the same bytes are kept once. Errors: TOO_LARGE, STORAGE_FULL. After an error nothing of this put remains. */
  put(content: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<BlobInfo>;
  /** The whole blob, checked against its hash. Errors: NOT_FOUND, TOO_LARGE, INTERNAL (damaged; it has been moved to quarantine). */
  get(hash: string, options?: GetOptions): Promise<Uint8Array>;
  /**
   * A part is given out only after the whole has been checked. A whole blob is checked on its way: its last piece comes only if all before
   * it were right, so a damaged one ends in an error and never looks complete.
   * Errors: NOT_FOUND and BAD_REQUEST (a range outside) at once; INTERNAL (damaged, quarantined) while reading.
   */
  stream(hash: string, options?: StreamOptions): Promise<BlobStream>;
  /** Undefined when there is none. Does not read the bytes. */
  stat(hash: string): Promise<BlobInfo | undefined>;
  /** False when there was none. Whoever deletes makes sure that nobody is putting or still means to read it. */
  delete(hash: string): Promise<boolean>;
  /** Begins to delete what nobody refers to any more: what is put from now on, anew or once more, is safe from it, and what was put shortly before may be. */
  sweep(): Promise<BlobSweep>;
  /** All blobs, in no order. Blobs put or deleted meanwhile may be missed. */
  list(): AsyncIterable<BlobInfo>;
}
