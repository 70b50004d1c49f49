// What the names of HTML elements mean for reading a page.

/** Their content is no text of the page. `noscript` is: nothing here runs scripts. */
export const SILENT_ELEMENTS: ReadonlySet<string> = new Set([
  "script",
  "style",
  "template",
  "svg",
  "math",
  "iframe",
  "object",
  "canvas",
  "audio",
  "video",
  "select",
  "textarea",
]);

/** What stands around the content of a page: the same on many pages, and not prose. */
export const FRAME_ELEMENTS: ReadonlySet<string> = new Set(["nav", "header", "footer", "aside", "form", "button", "menu", "dialog"]);

/** Text on both sides of their tags does not belong to one line. */
export const BLOCK_ELEMENTS: ReadonlySet<string> = new Set([
  "address",
  "article",
  "aside",
  "blockquote",
  "br",
  "caption",
  "dd",
  "details",
  "dialog",
  "div",
  "dl",
  "dt",
  "fieldset",
  "figcaption",
  "figure",
  "footer",
  "form",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "header",
  "hr",
  "li",
  "main",
  "menu",
  "nav",
  "ol",
  "option",
  "p",
  "pre",
  "section",
  "summary",
  "table",
  "tbody",
  "td",
  "tfoot",
  "th",
  "thead",
  "tr",
  "ul",
]);

export const HEADING = /^h[1-6]$/;
