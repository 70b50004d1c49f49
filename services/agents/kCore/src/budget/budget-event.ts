// Events of a budget, an aggregate of its own beside its plan. Amounts are upper bounds when reserved and measured when settled.

/** One amount per kind of `Budget`; a kind without a limit is still counted. */
export interface Amounts {
  readonly time_ms: number;
  readonly attempts: number;
  readonly calls: number;
  readonly units: number;
}

interface BudgetOpened {
  readonly plan_id: string;
  readonly limits: Partial<Amounts>;
}

/** The plan was edited. */
interface BudgetChanged {
  readonly limits: Partial<Amounts>;
}

interface BudgetEntry {
  readonly task_id: string;
  readonly attempt: number;
  readonly amounts: Amounts;
}

interface BudgetReleased {
  readonly task_id: string;
  readonly attempt: number;
}

interface BudgetEventPayloads {
  readonly "budget.opened": BudgetOpened;
  readonly "budget.changed": BudgetChanged;
  /** Written in the commit that dispatches. */
  readonly "budget.reserved": BudgetEntry;
  /** Written in the commit that ends the attempt; ends its reservation. */
  readonly "budget.settled": BudgetEntry;
  /** The attempt never began: nothing was used. */
  readonly "budget.released": BudgetReleased;
}

export type BudgetEvent = {
  readonly [Type in keyof BudgetEventPayloads]: { readonly type: Type; readonly payload: BudgetEventPayloads[Type] };
}[keyof BudgetEventPayloads];
