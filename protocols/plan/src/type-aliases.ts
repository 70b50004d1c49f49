// Short words that people may use for types (`x-kos-type`, docs/decisions/0013), for what they have and for what they want. One table each.

/** Names under which a value can be given without saying its type. */
export const GIVEN_ALIASES: Readonly<Record<string, string>> = {
  url: "url",
  link: "url",
  path: "fs.path",
  file: "fs.path",
  folder: "fs.path",
  text: "text.plain",
  markdown: "text.markdown",
  html: "text.html",
  title: "text.title",
  artifact: "artifact.hash",
  hash: "artifact.hash",
};

export interface Wanted {
  readonly type: string;
  /** A word that the wanted must be made from. */
  readonly through?: string;
}

export const WANT_ALIASES: Readonly<Record<string, Wanted>> = {
  report: { type: "report.files" },
  summary: { type: "text.summary" },
  keywords: { type: "text.keywords" },
  language: { type: "text.language" },
  title: { type: "text.title" },
  text: { type: "text.plain" },
  markdown: { type: "text.markdown" },
  html: { type: "text.html" },
  document: { type: "doc.text" },
  page: { type: "web.page" },
  site: { type: "web.site" },
  links: { type: "web.links" },
  profile: { type: "data.profile" },
  table: { type: "data.table" },
  diff: { type: "diff.text" },
  "summary-report": { type: "report.files", through: "text.summary" },
  "keywords-report": { type: "report.files", through: "text.keywords" },
  "profile-report": { type: "report.files", through: "data.profile" },
  "links-report": { type: "report.files", through: "web.links" },
  "diff-report": { type: "report.files", through: "diff.text" },
};
