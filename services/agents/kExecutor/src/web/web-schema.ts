// Properties that the web capabilities share, with what they mean.

import Type from "typebox";

export const strict = { additionalProperties: false } as const;

export const UrlParam = (title: string, description: string) =>
  Type.String({ title, description, minLength: 1, maxLength: 8192, "x-kos-type": "url", "x-kos-sink": "control" });

export const Text = (title: string, description: string) => Type.String({ title, description });

export const RedirectSchema = Type.Object(
  {
    status: Type.Integer({ title: "Status", description: "301, 302, 303, 307 or 308." }),
    url: Text("From", "The URL that answered with the redirect."),
  },
  { ...strict, title: "Redirect" },
);

const MAX_CONCURRENT = 32;
const MAX_DELAY_MS = 60_000;
const MAX_TIMEOUT_MS = 600_000;

/** How to behave towards a host. */
export const MannersParams = {
  delay_ms: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_DELAY_MS,
      title: "Delay",
      description:
        "Milliseconds between the starts of two requests to one host. By default 200, and 0 for a host that egress.allow_hosts opens. A Crawl-delay or Retry-After that asks for more is heeded.",
    }),
  ),
  concurrency: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_CONCURRENT,
      title: "At once",
      description: "Most requests to one host at the same time. By default 2, and 8 for a host that egress.allow_hosts opens.",
    }),
  ),
};

export const TimeoutParam = Type.Optional(
  Type.Integer({
    minimum: 100,
    maximum: MAX_TIMEOUT_MS,
    default: 20_000,
    title: "Time for one request",
    description: "In milliseconds, redirects included; at most egress.max_timeout_ms.",
  }),
);
