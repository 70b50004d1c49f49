// The capability image.info: what an image is, from its header alone. It is never decoded, so no size and no format trick costs anything [R98].

import { defineCapability } from "@kos/agent";
import Type from "typebox";
import { oneLine } from "../source/shown-text.ts";
import { ONE_SOURCE, openSource, type Source, sourceOf } from "../source/source.ts";
import { parsing, unreadable } from "../source/unreadable.ts";
import { exifFacts } from "./exif-facts.ts";
import { imageStructure } from "./image-chunks.ts";
import { claimedImage, IMAGE_FORMATS, type ImageFormat, imageFormat, MEDIA_TYPES } from "./image-format.ts";

const MAX_IMAGE_BYTES = 1_073_741_824;
/** Headers, EXIF and profiles lie at the beginning; frames are counted as far as this. */
const READ_BYTES = 33_554_432;
/** 2^28: a cube of 16,384 by 16,384, four times the largest cameras; decoded it would take 1 GiB. */
const MAX_PIXELS = 268_435_456;
const WHAT = "The image";

const WARNING_CODES = ["format_mismatch", "place_inside", "active_content", "trailing_data", "damaged_metadata", "truncated"] as const;
interface Warning {
  readonly code: (typeof WARNING_CODES)[number];
  readonly message: string;
}

const Input = Type.Object(sourceOf([...IMAGE_FORMATS, "jpeg", "tif"]), { ...ONE_SOURCE, title: "image.info input" });

const Output = Type.Object(
  {
    format: Type.Enum(IMAGE_FORMATS, { title: "Format", description: "What the bytes are, whatever the name says." }),
    media_type: Type.String({ title: "Media type", description: "Of that format." }),
    bytes: Type.Integer({ minimum: 0, title: "Size", description: "Size of the file in bytes." }),
    width: Type.Integer({ minimum: 1, title: "Width", description: "In pixels, as stored." }),
    height: Type.Integer({ minimum: 1, title: "Height", description: "In pixels, as stored." }),
    orientation: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 8,
        title: "Orientation",
        description: "EXIF: 1 upright, 3 upside down, 6 and 8 turned by 90 degrees, others mirrored.",
      }),
    ),
    colour: Type.Optional(
      Type.Object(
        {
          model: Type.Enum(["grey", "rgb", "indexed", "ycbcr", "cmyk"], { title: "Model" }),
          bits_per_channel: Type.Integer({ minimum: 0, title: "Bits a channel" }),
          alpha: Type.Boolean({ title: "Transparency" }),
          profile: Type.Boolean({ title: "Colour profile" }),
        },
        { title: "Colour", description: "For PNG, JPEG, GIF and WebP." },
      ),
    ),
    frames: Type.Optional(
      Type.Integer({ minimum: 1, title: "Frames", description: "Pictures shown one after the other; for PNG, JPEG, GIF and WebP." }),
    ),
    animated: Type.Boolean({ title: "Animated" }),
    taken_at: Type.Optional(Type.String({ title: "Taken", description: "By EXIF; the camera's clock, written as UTC." })),
    camera: Type.Optional(Type.String({ title: "Camera", description: "By EXIF." })),
    has_place: Type.Boolean({ title: "Tells a place", description: "Whether EXIF holds GPS coordinates. They are not given here." }),
    warnings: Type.Array(
      Type.Object({
        code: Type.Enum(WARNING_CODES, { title: "Code" }),
        message: Type.String({ title: "Message" }),
      }),
      { title: "Warnings", description: "What is not what it seems, and what should not be passed on unseen." },
    ),
  },
  { title: "image.info output", "x-kos-type": "image.facts" },
);

export const imageInfo = defineCapability({
  name: "image.info",
  title: "Look at an image's facts",
  description:
    "Format, size, orientation, colour, animation and EXIF facts of an image, from its header alone; nothing is decoded. " +
    "Errors, with details.reason: BAD_REQUEST (empty, unsupported, broken, unreachable), TOO_LARGE (too_large, pixel_flood above 2^28 pixels), FORBIDDEN, NOT_FOUND.",
  input: Input,
  output: Output,
  effects: ["fs.read"],
  output_labels: ["untrusted", "confidential"],
  async run(params, context) {
    await using source = await openSource(params, context, MAX_IMAGE_BYTES);
    const bytes = await source.read(0, READ_BYTES);
    const format = imageFormat(bytes, source.at);
    const size = await readingHeader(source.at, () => sizeOf(format, bytes, source.at));
    const { colour, frames, exif, trailingBytes } = await readingHeader(source.at, () => imageStructure(format, bytes));
    const facts = exif === undefined ? undefined : await exifFacts(exif);
    const camera = oneLine(facts?.camera, 200);
    const warnings: Warning[] = [...oddities(format, source, bytes)];
    if (exif !== undefined && facts === undefined) warnings.push({ code: "damaged_metadata", message: "Its EXIF data is damaged." });
    if (facts?.hasPlace === true) {
      warnings.push({ code: "place_inside", message: "It holds GPS coordinates: whoever gets it learns where it was taken." });
    }
    if (trailingBytes !== undefined && source.bytes <= READ_BYTES) {
      warnings.push({ code: "trailing_data", message: `${trailingBytes} bytes follow the image; another file may hide there.` });
    }
    return {
      format,
      media_type: MEDIA_TYPES[format],
      bytes: source.bytes,
      ...size,
      ...(colour !== undefined && { colour: { ...colour } }),
      ...(frames !== undefined && { frames }),
      animated: (frames ?? 1) > 1,
      ...(facts?.takenAt !== undefined && { taken_at: facts.takenAt }),
      ...(camera !== undefined && { camera }),
      has_place: facts?.hasPlace ?? false,
      warnings: warnings.map(({ code, message }) => ({ code, message })),
    };
  },
});

/** A header has neither depth nor size: a position outside it is damage like any other. */
function readingHeader<Value>(at: string, read: () => Promise<Value> | Value): Promise<Value> {
  return parsing(WHAT, at, async () => {
    try {
      return await read();
    } catch (error) {
      throw error instanceof RangeError ? new Error("the header is cut short", { cause: error }) : error;
    }
  });
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly orientation?: number;
}

async function sizeOf(format: ImageFormat, bytes: Buffer, at: string): Promise<Size> {
  const { imageSize } = await import("image-size");
  const { width, height, orientation } = imageSize(bytes);
  const [columns, rows] = [Math.round(width), Math.round(height)];
  if (!(columns > 0 && rows > 0)) throw new Error("it has no size");
  // A vector image has no pixels of its own.
  if (format !== "svg" && columns * rows > MAX_PIXELS) {
    const message = `${WHAT} says it has ${columns} × ${rows} pixels, more than ${MAX_PIXELS} in all.`;
    throw unreadable("pixel_flood", at, message, "Do not open it; decoded it would fill the memory.", {
      details: { width: columns, height: rows },
    });
  }
  const isKnown = orientation !== undefined && Number.isInteger(orientation) && orientation >= 1 && orientation <= 8;
  return { width: columns, height: rows, ...(isKnown && { orientation }) };
}

const SVG_ACTIVE = /<script[\s/>]|\son[a-z]{3,20}\s*=|javascript:|<foreignObject[\s/>]|<!ENTITY/i;

function oddities(format: ImageFormat, source: Source, bytes: Buffer): readonly Warning[] {
  const found: Warning[] = [];
  const claimed = claimedImage(source);
  if (claimed !== undefined && claimed !== format) {
    found.push({ code: "format_mismatch", message: `It is called ${claimed}, but its bytes are ${format}.` });
  }
  if (format === "svg" && SVG_ACTIVE.test(bytes.toString("latin1"))) {
    found.push({ code: "active_content", message: "It holds scripts or other active content, which a browser would run." });
  }
  if (source.bytes > READ_BYTES) found.push({ code: "truncated", message: `Only its first ${READ_BYTES} bytes were looked at.` });
  return found;
}
