// What `http.request` takes and gives, as JSON Schema with its data-flow sinks.

import { HTTP_METHODS, OVERFLOW_MODES } from "@kos/egress";
import Type from "typebox";

const NOTE_KINDS = ["charset_refuted", "json_unreadable", "json_adjusted", "encoding_unknown", "saved_as_artifact"] as const;

const strict = { additionalProperties: false } as const;
/** Untrusted data here decides where a request goes or what it does; a writing call then needs a person's approval. */
const control = { "x-kos-sink": "control" } as const;
const content = { "x-kos-sink": "content" } as const;
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

export const HttpRequestInput = Type.Object(
  {
    url: Type.String({
      ...control,
      "x-kos-type": "url",
      minLength: 1,
      maxLength: 65_536,
      description: "Absolute http or https URL, without credentials.",
    }),
    method: Type.Optional(Type.Enum(HTTP_METHODS, { ...control, default: "GET" })),
    headers: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        ...control,
        description: "Request headers; the framing, Host and Idempotency-Key are set here.",
      }),
    ),
    query: Type.Optional(
      Type.Record(Type.String(), Type.Union([Scalar, Type.Array(Scalar, { maxItems: 1000 })]), {
        ...control,
        description: "Added to the URL's query; a list repeats its name.",
      }),
    ),
    body: Type.Optional(
      Type.Union(
        [
          Type.Object({ json: Type.Unknown() }, strict),
          Type.Object({ text: Type.String() }, strict),
          Type.Object({ base64: Type.String() }, strict),
        ],
        {
          ...content,
          description: "Sent with POST, PUT, PATCH and DELETE only.",
        },
      ),
    ),
    timeout_ms: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 3_600_000, description: "Overall, redirects included; at most egress.max_timeout_ms." }),
    ),
    max_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: "Cap on the response body; at most egress.max_bytes. Default that.",
      }),
    ),
    on_overflow: Type.Optional(
      Type.Enum(OVERFLOW_MODES, { default: "error", description: "What a body over its cap becomes: a failure, or its beginning." }),
    ),
    expect_status: Type.Optional(
      Type.Array(Type.Union([Type.Integer({ minimum: 100, maximum: 599 }), Type.String({ pattern: "^[1-5]xx$" })]), {
        minItems: 1,
        maxItems: 50,
        description: "Statuses that are a success, as 200 or 2xx. Without it every answer is one.",
      }),
    ),
    save_as: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description: "Name of an artifact that takes the decompressed body; a body over 512 KiB always becomes one.",
      }),
    ),
  },
  strict,
);
export type HttpRequestInput = Type.Static<typeof HttpRequestInput>;

const SavedArtifact = Type.Object(
  { name: Type.String(), media_type: Type.String(), bytes: Type.Integer(), hash: Type.String() },
  { ...strict, "x-kos-type": "artifact" },
);

export const HttpRequestOutput = Type.Object(
  {
    status: Type.Integer(),
    headers: Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]), {
      description: "Names in lower case; set-cookie is a list, other repeated ones are joined.",
    }),
    url: Type.String({ "x-kos-type": "url", description: "The URL that answered, after redirects." }),
    redirects: Type.Array(Type.Object({ status: Type.Integer(), url: Type.String() }, strict)),
    body: Type.Union([
      Type.Object({ json: Type.Unknown() }, strict),
      Type.Object({ text: Type.String() }, strict),
      Type.Object({ base64: Type.String() }, strict),
      Type.Object({ artifact: SavedArtifact }, strict),
    ]),
    bytes: Type.Integer({ description: "Length of the body, decompressed." }),
    wire_bytes: Type.Integer({ description: "Length of the body as it was received." }),
    media_type: Type.String({ description: "As declared, without parameters; empty when not declared." }),
    charset: Type.Optional(Type.String({ description: "The encoding the text was read in." })),
    truncated: Type.Optional(Type.Boolean({ description: "True when the body was cut at its cap." })),
    notes: Type.Optional(
      Type.Array(Type.Object({ kind: Type.Enum(NOTE_KINDS), message: Type.String() }, strict), {
        description: "Where the answer was not what it claimed to be.",
      }),
    ),
  },
  strict,
);
export type HttpRequestOutput = Type.Static<typeof HttpRequestOutput>;
