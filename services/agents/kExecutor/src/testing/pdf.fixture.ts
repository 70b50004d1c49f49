// Writes small PDF files, honest and otherwise. For tests only.

export interface PdfOptions {
  readonly title?: string;
  readonly author?: string;
  readonly language?: string;
  /** Bookmarks of the first level. */
  readonly bookmarks?: readonly string[];
  /** An address on the first page. */
  readonly link?: string;
  /** Runs when the document opens, in a reader that runs it. */
  readonly script?: string;
  /** Name of an embedded file. */
  readonly attachment?: string;
  /** Objects that replace or follow those of the writer, by number. */
  readonly objects?: Readonly<Record<number, string>>;
}

/** A line of text and the size of its type. */
export type PdfTextLine = string | { readonly text: string; readonly size: number };

const LINE_HEIGHT = 1.2;

/** A PDF 1.7 with one standard font in WinAnsi, a page for each list of lines; an empty line is a gap between paragraphs. */
export function pdfFile(pages: readonly (readonly PdfTextLine[])[], options: PdfOptions = {}): Buffer {
  const objects = new Map<number, string>();
  const first = 10;
  const kids = pages.map((_, index) => `${first + index * 2} 0 R`).join(" ");
  const extra = [
    options.language === undefined ? "" : `/Lang (${options.language})`,
    options.bookmarks === undefined ? "" : "/Outlines 5 0 R",
    options.script === undefined
      ? ""
      : "/OpenAction << /S /JavaScript /JS 7 0 R >> /Names << /JavaScript << /Names [(a) << /S /JavaScript /JS 7 0 R >>] >> >>",
    options.attachment === undefined ? "" : "/Names << /EmbeddedFiles << /Names [(a) 8 0 R] >> >>",
  ];
  objects.set(1, `<< /Type /Catalog /Pages 2 0 R ${extra.join(" ")} >>`);
  objects.set(2, `<< /Type /Pages /Count ${pages.length} /Kids [${kids}] >>`);
  objects.set(3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  objects.set(
    4,
    `<< /Title ${pdfString(options.title ?? "")} /Author ${pdfString(options.author ?? "")} /CreationDate (D:20260102030405Z) >>`,
  );
  if (options.bookmarks !== undefined) addBookmarks(objects, options.bookmarks, first);
  if (options.script !== undefined) objects.set(7, pdfString(options.script));
  if (options.attachment !== undefined) {
    objects.set(8, `<< /Type /Filespec /F ${pdfString(options.attachment)} /EF << /F 9 0 R >> >>`);
    objects.set(9, pdfStream("content", "/Type /EmbeddedFile"));
  }
  for (const [index, lines] of pages.entries()) {
    const link =
      options.link === undefined || index > 0
        ? ""
        : `/Annots [<< /Type /Annot /Subtype /Link /Rect [50 50 99 60] /A << /S /URI /URI (${options.link}) >> >>]`;
    const resources = "/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 595 842]";
    objects.set(first + index * 2, `<< /Type /Page /Parent 2 0 R ${resources} /Contents ${first + index * 2 + 1} 0 R ${link} >>`);
    objects.set(first + index * 2 + 1, pdfStream(contentOf(lines)));
  }
  for (const [number, body] of Object.entries(options.objects ?? {})) objects.set(Number(number), body);
  return assemble(objects, "/Info 4 0 R");
}

/** Numbers every object, writes the table of their places and the trailer. */
function assemble(objects: ReadonlyMap<number, string>, trailer = ""): Buffer {
  let body = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
  const places = new Map<number, number>();
  for (const [number, content] of [...objects].sort((one, other) => one[0] - other[0])) {
    places.set(number, body.length);
    body += `${number} 0 obj\n${content}\nendobj\n`;
  }
  const size = Math.max(...objects.keys()) + 1;
  const table = Array.from({ length: size }, (_, number) => {
    const place = places.get(number);
    return place === undefined ? "0000000000 65535 f \n" : `${String(place).padStart(10, "0")} 00000 n \n`;
  });
  const start = body.length;
  return Buffer.from(
    `${body}xref\n0 ${size}\n${table.join("")}trailer\n<< /Size ${size} /Root 1 0 R ${trailer} >>\nstartxref\n${start}\n%%EOF\n`,
    "latin1",
  );
}

function pdfStream(content: string, entries = ""): string {
  return `<< /Length ${content.length} ${entries} >>\nstream\n${content}\nendstream`;
}

/** A text string: UTF-16 with its mark where it is not Latin-1. */
function pdfString(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `(${text.replace(/[\\()]/g, "\\$&")})`;
  return `<${Buffer.from(`\ufeff${text}`, "utf16le").swap16().toString("hex")}>`;
}

function contentOf(lines: readonly PdfTextLine[]): string {
  let y = 780;
  const drawn = lines.map((line) => {
    const { text, size } = typeof line === "string" ? { text: line, size: 11 } : line;
    y -= size * LINE_HEIGHT;
    if (text === "") return "";
    const bytes = Buffer.from(text.replace(/[€„“”‘’–—•]/g, winAnsi), "latin1").toString("hex");
    return `BT /F1 ${size} Tf 1 0 0 1 72 ${y.toFixed(2)} Tm <${bytes}> Tj ET`;
  });
  return drawn.join("\n");
}

function winAnsi(char: string): string {
  const places: Readonly<Record<string, number>> = {
    "€": 0x80,
    "„": 0x84,
    "‘": 0x91,
    "’": 0x92,
    "“": 0x93,
    "”": 0x94,
    "•": 0x95,
    "–": 0x96,
    "—": 0x97,
  };
  return String.fromCharCode(places[char] ?? 0x3f);
}

function addBookmarks(objects: Map<number, string>, titles: readonly string[], page: number): void {
  const start = 500;
  objects.set(5, `<< /Type /Outlines /First ${start} 0 R /Last ${start + titles.length - 1} 0 R /Count ${titles.length} >>`);
  for (const [index, title] of titles.entries()) {
    const next = index + 1 < titles.length ? `/Next ${start + index + 1} 0 R` : "";
    objects.set(start + index, `<< /Title ${pdfString(title)} /Parent 5 0 R ${next} /Dest [${page} 0 R /Fit] >>`);
  }
}
