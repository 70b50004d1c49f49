// Writes DOCX, ODT and EPUB files, and one text in three languages to put into them. For tests only.

import { type Zippable, zipSync } from "fflate";

export interface SampleText {
  readonly language: string;
  readonly title: string;
  readonly author: string;
  /** Heading and its paragraphs. */
  readonly sections: readonly { readonly heading: string; readonly paragraphs: readonly string[] }[];
}

/** All characters are in WinAnsi too, so that every format can carry them. */
export const SAMPLES: readonly SampleText[] = [
  {
    language: "en",
    title: "The River Report",
    author: "Ada Byron",
    sections: [
      { heading: "Findings", paragraphs: ["The river rose by three metres in May. Nobody was hurt.", "A second wave followed in June."] },
      { heading: "Costs", paragraphs: ["Repairs cost 4,200 euros & took nine days."] },
    ],
  },
  {
    language: "de",
    title: "Bericht über den Fluß",
    author: "Jürgen Müller",
    sections: [
      {
        heading: "Ergebnisse",
        paragraphs: ["Der Fluß stieg im Mai um drei Meter. Niemand wurde verletzt.", "Im Juni folgte eine zweite Welle."],
      },
      { heading: "Kosten", paragraphs: ["Die Ausbesserung kostete 4.200 Euro und währte neun Tage."] },
    ],
  },
  {
    language: "fr",
    title: "Rapport sur la rivière",
    author: "Hélène Lefèvre",
    sections: [
      {
        heading: "Résultats",
        paragraphs: ["La rivière a monté de trois mètres en mai. Personne n'a été blessé.", "Une deuxième vague a suivi en juin."],
      },
      { heading: "Coûts", paragraphs: ["Les réparations ont coûté 4 200 euros et duré neuf jours."] },
    ],
  },
];

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

export function zipFile(files: Zippable, level: 0 | 6 | 9 = 6): Buffer {
  return Buffer.from(zipSync(files, { level, mtime: new Date(Date.UTC(2026, 0, 2)) }));
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const WORD =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"';
const RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

export interface DocxOptions {
  /** WordprocessingML inside `w:body`, instead of the sample's. */
  readonly body?: string;
  /** Relationships of the document, as XML elements. */
  readonly relationships?: string;
  /** Before the root element of the document. */
  readonly prolog?: string;
  readonly files?: Zippable;
}

export function docxFile(sample: SampleText, options: DocxOptions = {}): Buffer {
  const paragraph = (text: string, style?: string): string =>
    `<w:p>${style === undefined ? "" : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}<w:r><w:t xml:space="preserve">${escaped(text)}</w:t></w:r></w:p>`;
  const body =
    options.body ??
    paragraph(sample.title, "Heading1") +
      sample.sections
        .map(({ heading, paragraphs }) => paragraph(heading, "Heading2") + paragraphs.map((text) => paragraph(text)).join(""))
        .join("");
  return zipFile({
    "[Content_Types].xml": bytes(
      '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    ),
    "_rels/.rels": bytes(
      `<?xml version="1.0"?><Relationships xmlns="${RELATIONSHIPS}"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>`,
    ),
    "word/document.xml": bytes(
      `<?xml version="1.0" encoding="UTF-8"?>${options.prolog ?? ""}<w:document ${WORD}><w:body>${body}</w:body></w:document>`,
    ),
    "word/_rels/document.xml.rels": bytes(
      `<?xml version="1.0"?><Relationships xmlns="${RELATIONSHIPS}">${options.relationships ?? ""}</Relationships>`,
    ),
    "word/styles.xml": bytes(
      `<?xml version="1.0"?><w:styles ${WORD}><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="${sample.language}"/></w:rPr></w:rPrDefault></w:docDefaults>` +
        `<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style><w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/></w:style></w:styles>`,
    ),
    "docProps/core.xml": bytes(
      `<?xml version="1.0"?><cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${escaped(sample.title)}</dc:title><dc:creator>${escaped(sample.author)}</dc:creator></cp:coreProperties>`,
    ),
    ...options.files,
  });
}

const OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns";

export interface OdtOptions {
  readonly body?: string;
  readonly prolog?: string;
  readonly manifest?: string;
  readonly files?: Zippable;
}

export function odtFile(sample: SampleText, options: OdtOptions = {}): Buffer {
  const heading = (level: number, text: string): string => `<text:h text:outline-level="${level}">${escaped(text)}</text:h>`;
  const body =
    options.body ??
    heading(1, sample.title) +
      sample.sections
        .map((section) => heading(2, section.heading) + section.paragraphs.map((text) => `<text:p>${escaped(text)}</text:p>`).join(""))
        .join("");
  return zipFile({
    mimetype: [bytes("application/vnd.oasis.opendocument.text"), { level: 0 }],
    "content.xml": bytes(
      `<?xml version="1.0" encoding="UTF-8"?>${options.prolog ?? ""}<office:document-content xmlns:office="${OPEN_DOCUMENT}:office:1.0" xmlns:text="${OPEN_DOCUMENT}:text:1.0" xmlns:table="${OPEN_DOCUMENT}:table:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><office:text>${body}</office:text></office:body></office:document-content>`,
    ),
    "meta.xml": bytes(
      `<?xml version="1.0"?><office:document-meta xmlns:office="${OPEN_DOCUMENT}:office:1.0" xmlns:meta="${OPEN_DOCUMENT}:meta:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta><dc:title>${escaped(sample.title)}</dc:title><dc:creator>${escaped(sample.author)}</dc:creator><dc:language>${sample.language}</dc:language><meta:document-statistic meta:page-count="1"/></office:meta></office:document-meta>`,
    ),
    "META-INF/manifest.xml": bytes(
      `<?xml version="1.0"?><manifest:manifest xmlns:manifest="${OPEN_DOCUMENT}:manifest:1.0"><manifest:file-entry manifest:full-path="content.xml">${options.manifest ?? ""}</manifest:file-entry></manifest:manifest>`,
    ),
    ...options.files,
  });
}

export interface EpubOptions {
  /** XHTML of the chapters' bodies, instead of the sample's sections. */
  readonly chapters?: readonly string[];
  readonly prolog?: string;
  readonly files?: Zippable;
}

export function epubFile(sample: SampleText, options: EpubOptions = {}): Buffer {
  const chapters =
    options.chapters ??
    sample.sections.map(
      ({ heading, paragraphs }, index) =>
        `${index === 0 ? `<h1>${escaped(sample.title)}</h1>` : ""}<h2>${escaped(heading)}</h2>${paragraphs.map((text) => `<p>${escaped(text)}</p>`).join("")}`,
    );
  const names = chapters.map((_, index) => `chapter%20${index + 1}.xhtml`);
  const items = names.map((name, index) => `<item id="c${index}" href="${name}" media-type="application/xhtml+xml"/>`).join("");
  const spine = names.map((_, index) => `<itemref idref="c${index}"/>`).join("");
  const files: Zippable = {
    mimetype: [bytes("application/epub+zip"), { level: 0 }],
    "META-INF/container.xml": bytes(
      '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    ),
    "OEBPS/package.opf": bytes(
      `<?xml version="1.0"?>${options.prolog ?? ""}<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${escaped(sample.title)}</dc:title><dc:creator>${escaped(sample.author)}</dc:creator><dc:language>${sample.language}</dc:language></metadata><manifest>${items}</manifest><spine>${spine}</spine></package>`,
    ),
  };
  for (const [index, chapter] of chapters.entries()) {
    files[`OEBPS/chapter ${index + 1}.xhtml`] = bytes(
      `<?xml version="1.0" encoding="UTF-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>${chapter}</body></html>`,
    );
  }
  return zipFile({ ...files, ...options.files });
}

export function htmlFile(sample: SampleText): Buffer {
  const sections = sample.sections.map(
    ({ heading, paragraphs }) => `<h2>${escaped(heading)}</h2>${paragraphs.map((text) => `<p>${escaped(text)}</p>`).join("")}`,
  );
  return Buffer.from(
    `<!doctype html><html lang="${sample.language}"><head><meta charset="utf-8"><title>${escaped(sample.title)}</title><meta name="author" content="${escaped(sample.author)}"></head><body><h1>${escaped(sample.title)}</h1>${sections.join("")}</body></html>`,
  );
}

export function markdownFile(sample: SampleText): Buffer {
  const sections = sample.sections.map(({ heading, paragraphs }) => `## ${heading}\n\n${paragraphs.join("\n\n")}`);
  return Buffer.from(
    `---\ntitle: ${sample.title}\nauthor: ${sample.author}\nlang: ${sample.language}\n---\n\n# ${sample.title}\n\n${sections.join("\n\n")}\n`,
  );
}
