// Requests on their way to the writer thread as one flat list: copying nested objects between threads costs four times as much.

import type { ColumnValue, NewEvent, RowChange } from "./event-log.ts";
import type { WriteItem } from "./write-item.ts";

/** An append is spread out, after its mark; every other request stands as it is. */
export type PackedItems = readonly unknown[];

const APPEND = 0;

export function packItems(items: readonly WriteItem[]): PackedItems {
  const packed: unknown[] = [];
  for (const item of items) {
    if (item.kind !== "append") {
      packed.push(item);
      continue;
    }
    const { partition, epoch, expected_version: version, events, rows } = item.commit;
    packed.push(APPEND, partition, epoch, version, events.length);
    for (const event of events) packed.push(event.type, event.tenant, event.plan_id, event.plan_seq, event.at, event.payload);
    packed.push(rows.length);
    for (const change of rows) {
      const columns = change.op === "put" ? change.row : change.key;
      const names = Object.keys(columns);
      packed.push(change.op, change.table, names.length);
      for (const name of names) packed.push(name, columns[name]);
    }
  }
  return packed;
}

export function unpackItems(packed: PackedItems): WriteItem[] {
  const items: WriteItem[] = [];
  let next = 0;
  const take = <Value>() => packed[next++] as Value;
  const list = <Value>(read: () => Value): Value[] => {
    const values: Value[] = [];
    for (let rest = take<number>(); rest > 0; rest--) values.push(read());
    return values;
  };
  const event = (): NewEvent => ({ type: take(), tenant: take(), plan_id: take(), plan_seq: take(), at: take(), payload: take() });
  const change = (): RowChange => {
    const op = take<RowChange["op"]>();
    const table = take<string>();
    const columns: Record<string, ColumnValue> = {};
    for (let rest = take<number>(); rest > 0; rest--) columns[take<string>()] = take<ColumnValue>();
    return op === "put" ? { op, table, row: columns } : { op, table, key: columns };
  };
  while (next < packed.length) {
    const mark = take<typeof APPEND | WriteItem>();
    if (mark !== APPEND) {
      items.push(mark);
      continue;
    }
    items.push({
      kind: "append",
      commit: { partition: take(), epoch: take(), expected_version: take(), events: list(event), rows: list(change) },
    });
  }
  return items;
}
