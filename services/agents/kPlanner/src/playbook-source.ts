// Where playbooks come from.

const PLAYBOOK_ORIGINS = ["own", "shipped"] as const;
/** `own`: the person's, in the data folder. `shipped`: came with kOS. */
export type PlaybookOrigin = (typeof PLAYBOOK_ORIGINS)[number];

export interface PlaybookFile {
  readonly name: string;
  /** As it is shown in messages. */
  readonly file: string;
  readonly origin: PlaybookOrigin;
  readonly text: string;
}

/** Both calls read afresh, so that an edited file counts at once. Of two files of one name the person's own comes first. */
export interface PlaybookSource {
  /** Every file there is, own ones first; two of one name when the own one stands in for a shipped one. Errors: TOO_LARGE, INTERNAL. */
  list(): Promise<readonly PlaybookFile[]>;
  /** All files of that name, the one that counts first; empty when there is none. `name` has the form of a playbook's name. */
  read(name: string): Promise<readonly PlaybookFile[]>;
}
