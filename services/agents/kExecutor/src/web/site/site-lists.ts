// The records of a site as artifacts of bounded size, written from the batches of a crawl and read one at a time.

import type { ArtifactRef, CapabilityContext } from "@kos/agent";
import { readRecords, type SiteRecord, type SkippedRecord, writeRecords } from "./site-record.ts";

const MAX_RECORDS = 1000;
const MAX_BYTES = 8_388_608;
/** One record may be larger than a list should be; nothing is. */
const MAX_LIST_BYTES = 134_217_728;

type Artifacts = CapabilityContext["artifacts"];

/** Cuts the records into lists of at most 1,000 records, and of 8 MiB and one record more. `see` is shown each record that is kept. */
export async function writeSiteLists(
  batches: readonly string[],
  skipped: readonly SkippedRecord[],
  artifacts: Artifacts,
  see: (record: SiteRecord) => void,
): Promise<readonly ArtifactRef[]> {
  const lists: ArtifactRef[] = [];
  const known = new Set<string>();
  let waiting: string[] = [];
  let bytes = 0;
  const write = async () => {
    if (waiting.length === 0) return;
    const name = `site-${String(lists.length + 1).padStart(3, "0")}.ndjson`;
    lists.push(await artifacts.put({ name, media_type: "application/x-ndjson", content: waiting.join("") }));
    [waiting, bytes] = [[], 0];
  };
  const keep = async (record: SiteRecord) => {
    // An attempt that was cut off may have recorded what the next one did again.
    if (known.has(record.url)) return;
    known.add(record.url);
    see(record);
    const line = writeRecords([record]);
    waiting.push(line);
    bytes += Buffer.byteLength(line);
    if (waiting.length >= MAX_RECORDS || bytes >= MAX_BYTES) await write();
  };
  for (const hash of batches) for (const record of readRecords(await artifacts.get(hash), "")) await keep(record);
  for (const record of skipped) await keep(record);
  await write();
  return lists;
}

/** The records of a site's lists, one list in memory at a time. Errors: NOT_FOUND; BAD_REQUEST for what is no such list. */
export async function* siteRecords(lists: readonly { readonly hash: string }[], artifacts: Artifacts): AsyncGenerator<SiteRecord> {
  for (const { hash } of lists) yield* readRecords(await artifacts.get(hash, { maxBytes: MAX_LIST_BYTES }), "/site/records");
}
