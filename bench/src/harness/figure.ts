// What is measured and how it is told: the figure of a suite, its samples and what they come to. Types only.

/** What a figure must reach, and what it aims at. `of` says whether the figure itself counts or its ratio to what is beside it. */
export interface Target {
  readonly of: "value" | "ratio";
  /** Missing where the page names an aim alone. */
  readonly must?: number;
  readonly aim: number;
  /** For a target whose better direction is not the figure's: a cost ratio is better low although the figure is a rate. */
  readonly better?: Better;
}

type Better = "higher" | "lower";

export interface FigureSpec {
  /** Unique within its suite. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** `none`: told, not judged. */
  readonly better: Better | "none";
  /** Id of the floor or peer of the same suite, measured in the same rounds. */
  readonly beside?: string;
  readonly target?: Target;
}

/** One reading: figures by id. */
export type Reading = Readonly<Record<string, number>>;

/** Something that is measured; each call is one run. */
export interface Contender {
  readonly name: string;
  measure(): Promise<Reading>;
}

export interface SuiteSettings {
  /** Runs that count, of each contender. */
  readonly runs: number;
  readonly quick: boolean;
  /** A folder for everything durable; removed by whoever gave it. */
  readonly folder: string;
  /** For things a reader of the figures must know: what was skipped and why. */
  readonly note: (text: string) => void;
}

export interface OpenSuite extends AsyncDisposable {
  /** Measured in turn, round by round, so that a change of the machine's mood meets all of them. */
  readonly contenders: readonly Contender[];
  /** Figures of a suite that only knows them once it is open. */
  readonly figures?: readonly FigureSpec[];
  /** Rounds before the first that counts. Default 1. */
  readonly warmUps?: number;
}

export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly FigureSpec[];
  /** Arguments for the Node that runs the suite. */
  readonly nodeArguments?: readonly string[];
  /** Only when asked for by name or by an option of its own. */
  readonly onDemand?: boolean;
  open(settings: SuiteSettings): Promise<OpenSuite>;
}

/** The better of the two it reaches, or none. */
export type Verdict = "aim" | "must" | "missed";

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

export interface Figure extends Summary {
  readonly suite: string;
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly better: FigureSpec["better"];
  readonly beside?: { readonly id: string; readonly title: string; readonly median: number };
  /** Median of the ratios to what is beside it, each taken within one round. */
  readonly ratio?: number;
  readonly target?: Target;
  readonly verdict?: Verdict;
  /** Share of processor time the host took away during the runs that count, at most, in percent. Undefined: the machine does not say. */
  readonly steal_percent?: number;
  /** Runs that were repeated because the host took too much. */
  readonly repeated: number;
}

export interface SuiteReport {
  readonly suite: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}
