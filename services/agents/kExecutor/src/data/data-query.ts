// The capability data.query: one SELECT over data sets, in an engine of its own that can write nothing.

import { type Capability, defineCapability } from "@kos/agent";
import Type from "typebox";
import { ArtifactNameParam } from "../artifact/artifact-name.ts";
import { ArtifactRefSchema } from "../artifact/artifact-schema.ts";
import { MeasuredBySchema, measuredBy } from "../measured-by.ts";
import { badParam } from "../task-error.ts";
import { type OpenSource, openSource, SOURCE_ALTERNATIVES, type SourceParams, SourceProperties } from "./data-source.ts";
import { COLUMN_TYPES } from "./profile/column-type.ts";
import type { OrderRunner } from "./run-order.ts";
import { type QueryResult, RESULT_FORMS, RESULT_TYPES } from "./sql/result-shape.ts";

const DEFAULT_LIMIT = 1000;
const MOST_ROWS = 10_000;
const MOST_TABLES = 8;
const THIRTY_MINUTES_MS = 1_800_000;

const TableName = { pattern: "^[A-Za-z_][A-Za-z0-9_]{0,62}$", maxLength: 63 };

const Input = Type.Object(
  {
    ...SourceProperties,
    tables: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: Type.String({ ...TableName, title: "Name", description: "What the SQL calls the table.", "x-kos-sink": "control" }),
            ...SourceProperties,
          },
          { additionalProperties: false, title: "Table", anyOf: SOURCE_ALTERNATIVES },
        ),
        {
          minItems: 1,
          maxItems: MOST_TABLES,
          title: "Tables",
          description: "Several data sets, each under a name; instead of path or artifact.",
        },
      ),
    ),
    sql: Type.String({
      minLength: 1,
      maxLength: 100_000,
      title: "SQL",
      description:
        "One SELECT in the language of SQLite. A single data set is the table `data`. What is missing is NULL; dates and times are texts.",
      "x-kos-sink": "control",
    }),
    limit: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MOST_ROWS,
        default: DEFAULT_LIMIT,
        title: "Most rows",
        description: "Where there are more, all of them go into an artifact.",
      }),
    ),
    form: Type.Optional(Type.Enum(RESULT_FORMS, { default: "csv", title: "Form", description: "Of the artifact with all rows." })),
    escape_formulas: Type.Optional(
      Type.Boolean({
        default: true,
        title: "Escape formulas",
        description:
          "Puts an apostrophe before texts of the CSV that a spreadsheet would run: those that begin with = + - @ tab or carriage return.",
      }),
    ),
    name: ArtifactNameParam("result", "The artifact is called name.csv or name.ndjson."),
    max_seconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 600,
        default: 60,
        title: "Most seconds",
        description: "For the query itself, after the data is loaded. Then it is ended.",
      }),
    ),
  },
  {
    additionalProperties: false,
    title: "data.query input",
    description: "Exactly one of path, artifact and tables.",
    anyOf: [...SOURCE_ALTERNATIVES, { required: ["tables"] }],
  },
);

const Output = Type.Object(
  {
    columns: Type.Array(
      Type.Object({
        name: Type.String({ title: "Name" }),
        type: Type.Enum(RESULT_TYPES, {
          title: "Type",
          description: "Of the values it has. Integers beyond 2^53 are texts, blobs hexadecimal.",
        }),
      }),
      { title: "Columns", description: "In the order of the query; a name that stands twice gets _2." },
    ),
    rows: Type.Array(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])), {
      title: "Rows",
      description: "As objects, at most limit of them and at most 256 KiB.",
    }),
    row_count: Type.Integer({ minimum: 0, title: "Number of rows", description: "All that the query gave." }),
    truncated: Type.Boolean({ title: "Truncated", description: "Whether rows are only the first of them." }),
    complete: Type.Boolean({ title: "Complete", description: "False where the result was longer than 64 MiB and is cut off there." }),
    result: Type.Optional({ ...ArtifactRefSchema, title: "Result", description: "All rows, where they are more than rows." }),
    tables: Type.Array(
      Type.Object({
        name: Type.String({ title: "Name" }),
        rows: Type.Integer({ minimum: 0, title: "Rows" }),
        columns: Type.Array(Type.Object({ name: Type.String(), type: Type.Enum(COLUMN_TYPES) }), {
          title: "Columns",
          description: "As the SQL knows them; types are found out from the first 2,000 rows, and values that do not fit stay texts.",
        }),
        faults: Type.Integer({
          minimum: 0,
          title: "Faults",
          description: "Rows that were ragged or could not be read; data.profile names them.",
        }),
        notes: Type.Array(Type.String(), { title: "Notes", description: "How the source was read." }),
      }),
      { title: "Tables", description: "What was loaded." },
    ),
    measured_by: MeasuredBySchema,
  },
  { title: "data.query output", "x-kos-type": "data.table" },
);

interface ProcessAnswer extends QueryResult {
  readonly tables: Type.Static<typeof Output>["tables"];
}

const MEDIA_TYPES = { csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson" } as const;

export function dataQuery(runOrder: OrderRunner): Capability<Type.Static<typeof Input>, Type.Static<typeof Output>> {
  return defineCapability({
    name: "data.query",
    title: "Query data sets with SQL",
    description:
      "Runs one SELECT over CSV, TSV, JSON, NDJSON and Parquet. Nothing can be written, attached or loaded by the SQL. " +
      "Errors: FORBIDDEN outside the granted folders, NOT_FOUND, BAD_REQUEST for SQL that is wrong or does more than read and for data that cannot be read, " +
      "TOO_LARGE, RESOURCE_LIMIT_EXCEEDED for a query that takes too long or too much memory.",
    input: Input,
    output: Output,
    effects: ["fs.read"],
    output_labels: ["untrusted", "confidential"],
    timeout_ms: THIRTY_MINUTES_MS,
    async run(params, context) {
      const tables = tablesOf(params);
      await using opened = new AsyncDisposableStack();
      const sources: OpenSource[] = [];
      for (const { at, params: source } of tables) sources.push(opened.use(await openSource(source, at, context)));
      const form = params.form ?? "csv";
      const order = (descriptors: readonly number[]) =>
        ({
          task: "query",
          tables: tables.map(({ name }, index) => ({ name, source: sourceOrder(sources, descriptors, index) })),
          sql: params.sql,
          limit: params.limit ?? DEFAULT_LIMIT,
          form,
          escape_formulas: params.escape_formulas ?? true,
          max_seconds: params.max_seconds ?? 60,
        }) as const;
      const { value, content } = await runOrder(sources, order, context);
      const answer = value as ProcessAnswer;
      const { columns, rows, row_count, truncated, complete } = answer;
      const name = `${params.name ?? "result"}.${form}`;
      const result = truncated ? { result: { ...(await context.artifacts.put({ name, media_type: MEDIA_TYPES[form], content })) } } : {};
      return {
        columns: [...columns],
        rows: [...rows],
        row_count,
        truncated,
        complete,
        ...result,
        tables: answer.tables,
        measured_by: measuredBy(context, "data.query"),
      };
    },
  });
}

export function sourceOrder(sources: readonly OpenSource[], descriptors: readonly number[], index: number) {
  const [source, descriptor] = [sources[index], descriptors[index]];
  if (source === undefined || descriptor === undefined) throw new RangeError(`there is no source ${index}`);
  return { ...source.order, descriptor };
}

interface NamedSource {
  readonly name: string;
  readonly at: string;
  readonly params: SourceParams;
}

function tablesOf({ tables, path, artifact, ...rest }: Type.Static<typeof Input>): readonly NamedSource[] {
  const source = { ...(path !== undefined && { path }), ...(artifact !== undefined && { artifact }) };
  if (tables === undefined) return [{ name: "data", at: "", params: { ...rest, ...source } }];
  if (path !== undefined || artifact !== undefined)
    throw badParam("/tables", "There are tables and a single source.", "Give exactly one of path, artifact and tables.");
  const names = new Set(tables.map(({ name }) => name.toLowerCase()));
  if (names.size < tables.length)
    throw badParam("/tables", "Two tables have the same name.", "SQL does not tell upper case from lower; name them differently.");
  if ([...names].some((name) => name.startsWith("sqlite_")))
    throw badParam("/tables", "A name begins with sqlite_.", "Such names are SQLite's own.");
  return tables.map(({ name, ...params }, index) => ({ name, at: `/tables/${index}`, params }));
}
